// SPDX-License-Identifier: Apache-2.0
#include "serve/model_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adaptive/route/routed_engines.h"
#include "base/clipped.h"
#include "base/error.h"
#include "base/resources.h"
#include "io/bundle_default.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// How long nobody tries again to load what could not be loaded.
constexpr std::chrono::seconds kRetryPause{5};

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  }
}

}  // namespace

std::string_view name(ModelState state) {
  switch (state) {
    case ModelState::kUnloaded:
      return "unloaded";
    case ModelState::kLoading:
      return "loading";
    case ModelState::kReady:
      return "ready";
    case ModelState::kFailed:
      break;
  }
  return "failed";
}

ApiError ModelSet::load_error(const Slot& slot, const std::exception_ptr& failure) {
  ApiError out = unavailable(
      fmt::format("The model {} could not be loaded: {}", slot.source.name, text_of(failure)));
  out.code = "model_not_loaded";
  out.retry_after = static_cast<int>(kRetryPause.count());
  return out;
}

ModelSet::ModelSet(const std::vector<ModelSource>& sources, ModelSetOptions options)
    : options_(std::move(options)), limit_(options_.max_memory) {
  for (const ModelSource& source : sources) {
    Slot& slot = add(source, options_.each);
    slot.stays = options_.max_memory == 0;
    start_.push_back(&slot);
  }
  for (const ModelSource& source : sources) add_ways(source);
  if (limit_ == 0 && !bundles_.empty()) {
    limit_ = static_cast<std::int64_t>(adaptive::kMemoryShare *
                                       static_cast<double>(total_memory_bytes()));
  }
  thread_ = std::thread([this] { decide(); });
  wake_up_.call();
}

void ModelSet::stop() {
  if (!thread_.joinable()) return;
  call(ends_);
  thread_.join();
  std::deque<Parked> parked;
  {
    const std::lock_guard lock(mutex_);
    parked.swap(parked_);
  }
  for (const Parked& one : parked) {
    one.work.failed(std::make_exception_ptr(unavailable("The server ends.")));
  }
  std::vector<std::shared_ptr<ServedModel>> ended;
  const std::lock_guard lock(mutex_);
  for (const auto& slot : slots_) {
    if (slot->current) retire(*slot);
    if (slot->next) ended.push_back(std::exchange(slot->next, nullptr));
  }
  loading_ = nullptr;
  for (Retired& old : retired_) {
    old.slot->past.add(old.served->status());
    ended.push_back(std::move(old.served));
  }
  retired_.clear();
}

ModelSet::Slot& ModelSet::add(const ModelSource& source, const ServedModelOptions& options) {
  for (const auto& other : slots_) {
    if (other->source.name == source.name) {
      fail<ConfigError>(
          "[serve] two models are to be called {}. Give one another name: "
          "NAME={}",
          source.name, source.path.string());
    }
  }
  slots_.push_back(std::make_unique<Slot>());
  slots_.back()->source = source;
  slots_.back()->options = options;
  return *slots_.back();
}

void ModelSet::add_ways(const ModelSource& source) {
  if (!bundle_default(source.path)) return;
  std::vector<WayModel> ways;
  bundles_.emplace(source.name, served_bundle(source.name, adaptive::read_bundle(source.path),
                                              options_.each, ways));
  for (const WayModel& way : ways) add(way.source, way.options);
}

void ModelSet::wait_until_loaded() {
  std::unique_lock lock(mutex_);
  started_.wait(lock, [&] { return start_.empty() || start_failure_; });
  if (start_failure_) std::rethrow_exception(start_failure_);
}

bool ModelSet::is_ready() const {
  const std::lock_guard lock(mutex_);
  return start_.empty() && !start_failure_;
}

ModelSet::Slot& ModelSet::find(const std::string& asked) const {
  constexpr std::string_view kLatest = ":latest";
  std::string_view name = asked;
  if (name.ends_with(kLatest)) name.remove_suffix(kLatest.size());
  if (const auto at = name.size() - std::min(name.size(), kAutoSuffix.size());
      name.substr(at) == kAutoSuffix && bundles_.contains(std::string(name.substr(0, at)))) {
    name = name.substr(0, at);
  }
  const auto at =
      name.empty() ? slots_.begin() : std::ranges::find(slots_, name, [](const auto& slot) {
        return std::string_view(slot->source.name);
      });
  if (at != slots_.end()) return **at;
  std::string names;
  for (const auto& slot : slots_) names += (names.empty() ? "" : ", ") + slot->source.name;
  for (const auto& [bundle, ways] : bundles_) names += ", " + bundle + std::string(kAutoSuffix);
  ApiError error = not_found(
      fmt::format("There is no model {} here. This server has: {}.", clipped(name), names));
  error.param = "model";
  error.code = "model_not_found";
  throw error;
}

void ModelSet::use(const ModelWish& wish, ModelWork work) {
  std::optional<ModelHold> hold;
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = find(wish.name);
    slot.used = ++asked_;
    if (!slot.current || slot.leaves) {
      park(slot, wish, std::move(work));
      return wake_up_.call();
    }
    hold.emplace(*slot.current);
  }
  work.ready(**hold);
}

void ModelSet::park(Slot& slot, const ModelWish& wish, ModelWork work) {
  if (ends_) throw unavailable("The server ends.");
  if (slot.failure && Clock::now() < slot.failed_at + kRetryPause) {
    throw load_error(slot, slot.failure);
  }
  const std::size_t most =
      slot.options.max_waiting + static_cast<std::size_t>(slot.options.batch.max_replies);
  if (parked_for(slot) >= most) {
    throw too_many(fmt::format("{} requests wait for {} to be loaded, which is the limit. Try "
                               "again later.",
                               most, slot.source.name),
                   static_cast<int>(kRetryPause.count()));
  }
  parked_.push_back({&slot, wish, std::move(work), Clock::now()});
}

std::size_t ModelSet::parked_for(const Slot& slot) const {
  return static_cast<std::size_t>(
      std::ranges::count(parked_, &slot, [](const Parked& one) { return one.slot; }));
}

ModelEntry ModelSet::entry_of(const Slot& slot) const {
  ModelEntry out{.name = slot.source.name,
                 .path = slot.source.path,
                 .failure = {},
                 .pending = parked_for(slot),
                 .status = {},
                 .served = slot.current};
  if (slot.current) {
    out.state = ModelState::kReady;
    out.bytes = slot.current->bytes();
    out.status = slot.current->status();
  } else if (out.pending > 0 || loading_ == &slot || std::ranges::count(start_, &slot) > 0) {
    out.state = ModelState::kLoading;
  } else if (slot.failure) {
    out.state = ModelState::kFailed;
    out.failure = text_of(slot.failure);
  }
  out.status.add(slot.past);
  for (const Retired& old : retired_) {
    if (old.slot == &slot) out.status.add(old.served->status());
  }
  return out;
}

ModelEntry ModelSet::entry(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return entry_of(find(name));
}

std::vector<ModelEntry> ModelSet::entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<ModelEntry> out;
  for (const auto& slot : slots_) out.push_back(entry_of(*slot));
  return out;
}

std::vector<PendingRequest> ModelSet::pending() const {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  std::vector<PendingRequest> out;
  for (const Parked& one : parked_) {
    out.push_back({.id = one.wish.id,
                   .model = one.slot->source.name,
                   .seconds = std::chrono::duration<double>(now - one.since).count()});
  }
  return out;
}

}  // namespace pangu::serve
