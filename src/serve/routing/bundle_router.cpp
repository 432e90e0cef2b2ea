// SPDX-License-Identifier: Apache-2.0
#include "serve/routing/bundle_router.h"

#include <fmt/format.h>

#include <utility>

#include "adaptive/profile/profile_store.h"
#include "adaptive/profile/variant.h"
#include "base/log.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// Answers of conversations that are remembered.
constexpr std::size_t kRemembered = 10'000;

/// A part of a header: kinds may have any name.
std::string header_word(const std::string& text) {
  std::string out = text.empty() ? "unknown" : text;
  for (char& c : out) {
    if (c <= ' ' || c > '~' || c == ';' || c == '=') c = '?';
  }
  return out;
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

RoutedRequest described(const adaptive::Recognition& recognised, const adaptive::Route& route,
                        std::string model) {
  const adaptive::BundleWay& way = route.way;
  RoutedRequest out{.model = std::move(model), .thinking = way.thinking, .header = {}, .json = {}};
  out.header =
      fmt::format("kind={}; weights={}", header_word(route.kind), header_word(way.weights));
  if (!way.kv.empty()) out.header += "; kv=" + header_word(way.kv);
  const std::string_view thinking = adaptive::thinking_name(way.thinking);
  out.header += fmt::format("; thinking={}", thinking);
  out.json = {{"kind", text_or_null(route.kind)},
              {"recognised", recognised.kind},
              {"confidence", recognised.confidence},
              {"model", out.model},
              {"weights", way.weights},
              {"kv", text_or_null(way.kv)},
              {"thinking", thinking},
              {"switches", route.switches},
              {"reason", route.reason}};
  return out;
}

}  // namespace

BundleRouter::BundleRouter(const ServedBundle& bundle, ContextOptions classifier, ComputeTurn& turn,
                           LoadedModels loaded, std::size_t max_waiting,
                           std::filesystem::path decisions)
    : bundle_(bundle),
      context_(std::move(classifier)),
      turn_(turn),
      loaded_(std::move(loaded)),
      max_waiting_(max_waiting),
      decisions_(std::move(decisions)),
      memory_(kRemembered) {
  thread_ = std::thread([this] { run(); });
}

BundleRouter::~BundleRouter() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (const Job& job : jobs_) {
    job.work.failed(std::make_exception_ptr(unavailable("The server ends.")));
  }
}

void BundleRouter::route(RouteWish wish, RouteWork work) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= max_waiting_) {
      throw too_many(fmt::format("{} requests wait to be routed, which is the limit. Try again "
                                 "later.",
                                 max_waiting_),
                     1);
    }
    jobs_.push_back({std::move(wish), std::move(work)});
  }
  changed_.notify_all();
}

void BundleRouter::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ends_ || !jobs_.empty(); });
      if (ends_) break;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      decide(job);
    } catch (...) {
      job.work.failed(std::current_exception());
    }
  }
  // Where it was made: threads of the classifier may be bound with this one.
  classifier_.reset();
}

void BundleRouter::decide(const Job& job) {
  if (job.wish.gone.stop_requested()) throw unavailable("The client is gone.");
  const std::vector<std::uint64_t> keys = conversation_keys(job.wish.client, job.wish.messages);
  const adaptive::Recognition recognised = recognise(job.wish.messages);
  const std::set<std::string> models = loaded_();
  std::set<adaptive::LoadedWay> loaded;
  for (const auto& [way, model] : bundle_.models) {
    if (models.contains(model)) loaded.insert(way);
  }
  const std::optional<adaptive::Running> running = memory_.find(keys);
  const adaptive::Route route = adaptive::choose_route(bundle_.bundle, recognised, running, loaded);
  record({.time = adaptive::utc_now(),
          .bundle = bundle_.bundle.id,
          .recognised = recognised,
          .running = running,
          .loaded = loaded,
          .route = route});
  const adaptive::LoadedWay way{route.way.weights, route.way.kv};
  RoutedRequest out = described(recognised, route, bundle_.models.at(way));
  out.key = keys.back();
  memory_.put(out.key, {.kind = route.kind,
                        .weights = way.weights,
                        .kv = way.kv,
                        .tokens = running && !route.switches ? running->tokens : 0});
  job.work.decided(out);
}

void BundleRouter::record(const adaptive::RouteRecord& record) {
  if (decisions_.empty()) return;
  try {
    adaptive::append_route(decisions_, record);
    records_ = true;
  } catch (const Error& error) {
    if (std::exchange(records_, false)) {
      log::warning("{} Decisions are not written down until that works again.", error.what());
    }
  }
}

adaptive::Recognition BundleRouter::recognise(std::span<const Message> messages) {
  const std::lock_guard turn(turn_);
  if (!classifier_) {
    try {
      classifier_ =
          std::make_unique<adaptive::Classifier>(adaptive::classifier_of(bundle_.bundle), context_);
    } catch (const std::exception& error) {
      throw unavailable(fmt::format("Nothing recognises what messages ask for: {}", error.what()));
    }
  }
  return classifier_->recognise(messages);
}

}  // namespace pangu::serve
