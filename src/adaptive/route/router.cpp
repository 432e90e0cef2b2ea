// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/router.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// The weights and cache that keep the quality for most kinds; of equal ones the largest weights,
/// then the cache of the arithmetic, then the first by name.
BundleWay most_careful(const Bundle& bundle) {
  std::map<std::pair<std::string, std::string>, std::int64_t> kinds;
  for (const BundleKind& kind : bundle.kinds) {
    for (const BundleWay& way : kind.ways) ++kinds[{way.weights, way.kv}];
  }
  if (kinds.empty()) return {.weights = bundle.default_weights};
  const auto best = std::max_element(kinds.begin(), kinds.end(), [&](const auto& a, const auto& b) {
    const auto rank = [&](const auto& entry) {
      const auto& [weights, kv] = entry.first;
      return std::tuple(entry.second, bundle.weights.at(weights).resident_bytes, kv.empty());
    };
    return rank(a) < rank(b);
  });
  return {.weights = best->first.first, .kv = best->first.second};
}

/// Seconds until an answer could begin in this way.
double switch_seconds(const Bundle& bundle, const BundleWay& way, const Running& running,
                      const std::set<LoadedWay>& loaded) {
  const BundleWeights& weights = bundle.weights.at(way.weights);
  const double load = loaded.contains({way.weights, way.kv}) ? 0 : weights.load_s;
  return load + (weights.prefill > 0 ? static_cast<double>(running.tokens) / weights.prefill : 0);
}

/// Why a request is not served as a kind of its own.
std::string why_not(const Recognition& recognised) {
  return recognised.is_unknown() ? "no kind is sure enough"
                                 : "the bundle was not made for this kind";
}

/// The start of a conversation, or one whose kind is known.
Route first_choice(const Bundle& bundle, const BundleKind* kind, const Recognition& recognised) {
  if (kind) {
    return {.kind = kind->kind, .way = kind->choice(), .reason = "chosen for this kind"};
  }
  return {.way = most_careful(bundle),
          .reason = why_not(recognised) + ": answered by what keeps the quality for most kinds"};
}

}  // namespace

Route choose_route(const Bundle& bundle, const Recognition& recognised,
                   const std::optional<Running>& running, const std::set<LoadedWay>& loaded) {
  const BundleKind* kind = bundle.kind(recognised.kind);
  if (!running) {
    Route out = first_choice(bundle, kind, recognised);
    out.switches = true;
    return out;
  }
  if (!bundle.weights.contains(running->weights)) {
    fail<ConfigError>("[route] the conversation runs on '{}', which {} does not have.",
                      running->weights, bundle.folder.string());
  }
  const bool is_known = kind != nullptr;
  if (!is_known) kind = bundle.kind(running->kind);
  const BundleWay here{.weights = running->weights, .kv = running->kv};
  if (!kind) return {.way = here, .reason = why_not(recognised) + ": the conversation stays"};

  Route out = first_choice(bundle, kind, recognised);
  out.switches = running->weights != out.way.weights || running->kv != out.way.kv;
  if (!is_known) out.reason = why_not(recognised) + ": served as the message before it";
  if (!out.switches) return out;
  out.switch_s = switch_seconds(bundle, out.way, *running, loaded);
  const BundleWay* way = kind->way(running->weights, running->kv);
  if (!way) {
    out.reason = "what runs is not known to keep the quality for this kind";
    return out;
  }
  out.gain_s = way->answer_s - out.way.answer_s;
  if (out.gain_s > out.switch_s) {
    out.reason = "a change saves more in one answer than it takes";
    return out;
  }
  out.way = *way;
  out.switches = false;
  out.reason = "the conversation stays: a change would take longer than it saves";
  return out;
}

}  // namespace pangu::adaptive
