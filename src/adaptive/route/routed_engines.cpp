// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/routed_engines.h"

#include <algorithm>
#include <utility>

#include "adaptive/profile/profile_store.h"
#include "base/resources.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

std::int64_t memory_limit(const Bundle& bundle) {
  const auto limit =
      bundle.request.is_object() ? bundle.request.find("max_memory") : bundle.request.end();
  if (limit != bundle.request.end() && limit->is_number()) return limit->get<std::int64_t>();
  return static_cast<std::int64_t>(kMemoryShare * static_cast<double>(total_memory_bytes()));
}

}  // namespace

RoutedEngines::RoutedEngines(Bundle bundle, RoutedOptions options)
    : bundle_(std::move(bundle)),
      options_(std::move(options)),
      classifier_(classifier_of(bundle_), options_.classifier) {}

const RouteRecord& RoutedEngines::prepare(std::span<const Message> messages) {
  RouteRecord record{.time = utc_now(),
                     .bundle = bundle_.id,
                     .recognised = classifier_.recognise(messages),
                     .running = running_};
  for (const Loaded& loaded : loaded_) record.loaded.insert({loaded.weights, loaded.kv});
  record.route = choose_route(bundle_, record.recognised, running_, record.loaded);
  load(record.route.way);
  const bool moved = record.route.switches || !running_;
  running_ = {.kind = record.route.kind,
              .weights = record.route.way.weights,
              .kv = record.route.way.kv,
              .tokens = moved ? 0 : running_->tokens};
  record_ = std::move(record);
  if (!options_.decisions.empty()) append_route(options_.decisions, record_);
  return record_;
}

void RoutedEngines::answered(const Generation& generation) {
  if (!running_) return;
  running_->tokens = generation.prompt_tokens + static_cast<std::int64_t>(generation.ids.size());
}

void RoutedEngines::load(const BundleWay& way) {
  const auto found = std::find_if(loaded_.begin(), loaded_.end(), [&](const Loaded& loaded) {
    return loaded.weights == way.weights && loaded.kv == way.kv;
  });
  if (found != loaded_.end()) {
    loaded_.splice(loaded_.begin(), loaded_, found);
  } else {
    make_room(bundle_.weights.at(way.weights).resident_bytes);
    EngineOptions options = options_.engine;
    options.kv_format = way.kv;
    loaded_.push_front(
        {way.weights, way.kv, Engine::load(bundle_.weights_folder(way.weights), options)});
    load_seconds_ += loaded_.front().engine.load_seconds();
  }
  current_ = &loaded_.front().engine;
}

void RoutedEngines::make_room(std::int64_t bytes) {
  const std::int64_t limit = memory_limit(bundle_);
  std::int64_t used = bytes;
  for (const Loaded& loaded : loaded_) used += bundle_.weights.at(loaded.weights).resident_bytes;
  while (used > limit && !loaded_.empty()) {
    used -= bundle_.weights.at(loaded_.back().weights).resident_bytes;
    loaded_.pop_back();
    current_ = nullptr;
  }
}

}  // namespace pangu::adaptive
