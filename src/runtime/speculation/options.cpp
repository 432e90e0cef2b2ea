// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/error.h"
#include "pangu/speculation.h"

namespace pangu {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"off",   "pld",  "suffix",
                                                    "draft", "self", "auto"};

void add_counts(std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

}  // namespace

std::string_view name(SpeculationMode mode) {
  return kNames[static_cast<std::size_t>(mode)];
}

SpeculationMode require_speculation_mode(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    fail<ConfigError>("[speculation] '{}' is not known. Use off, pld, suffix, draft, self or auto.",
                      name);
  }
  return static_cast<SpeculationMode>(found - kNames.begin());
}

bool SpeculationOptions::uses_draft_model() const {
  return !draft_model.empty() &&
         (mode == SpeculationMode::kDraft || mode == SpeculationMode::kAuto);
}

void SpeculationOptions::validate() const {
  if (tokens < 1 || tokens > 32) {
    fail<ConfigError>("[speculation] drafts of {} tokens were asked for; 1 to 32 are possible.",
                      tokens);
  }
  if (ngram < 1 || ngram > 16) {
    fail<ConfigError>("[speculation] n-grams of {} tokens were asked for; 1 to 16 are possible.",
                      ngram);
  }
  if (self_layers < 0) {
    fail<ConfigError>("[speculation] a draft of {} layers was asked for; give 1 or more.",
                      self_layers);
  }
}

double SpeculationStats::tokens_per_pass() const {
  return passes > 0 ? static_cast<double>(tokens) / static_cast<double>(passes) : 0;
}

double SpeculationStats::acceptance() const {
  return drafted > 0 ? static_cast<double>(accepted) / static_cast<double>(drafted) : 0;
}

double SpeculationStats::speed_up() const {
  return plain_s > 0 && total_s > 0 ? plain_s / total_s : 1;
}

bool SpeculationStats::speed_up_is_known() const {
  // One pass that the system interrupts must not move the ratio by more than a few hundredths.
  constexpr std::int64_t kPasses = 128, kPlain = 3;
  constexpr double kSeconds = 0.2;
  return passes >= kPasses && plain >= kPlain && total_s >= kSeconds;
}

void SpeculationStats::add(const SpeculationStats& other) {
  passes += other.passes;
  plain += other.plain;
  tokens += other.tokens;
  drafted += other.drafted;
  accepted += other.accepted;
  forced += other.forced;
  draft_s += other.draft_s;
  total_s += other.total_s;
  plain_s += other.plain_s;
  add_counts(drafted_at, other.drafted_at);
  add_counts(accepted_at, other.accepted_at);
}

}  // namespace pangu
