// SPDX-License-Identifier: Apache-2.0
// Which models of a server are in memory.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "report/units.h"
#include "serve/api_error.h"
#include "serve/model_set.h"
#include "serve/models/model_memory.h"

namespace pangu::serve {
namespace {

/// How often it is looked whether those who wait still do.
constexpr std::chrono::milliseconds kLook{200};

/// `left` is negative: what is missing even if all that may leave did.
std::exception_ptr does_not_fit(const std::string& name, std::int64_t needed, std::int64_t left) {
  return std::make_exception_ptr(ConfigError(fmt::format(
      "[serve] {} needs about {} with the cache of its replies, {} more than --max-memory leaves. "
      "Raise that, lower --ctx, --parallel or --cache-tokens, or hold the weights in a smaller "
      "format.",
      name, bytes_text(needed), bytes_text(-left))));
}

bool is_same_bundle(const adaptive::Bundle& bundle) {
  try {
    return adaptive::read_bundle(bundle.folder).id == bundle.id;
  } catch (const Error&) {  // gone, or damaged
    return false;
  }
}

/// For a task of the model's own thread.
void work_with(ServedModel& model, Engine* engine, const ModelWork& work) {
  try {
    if (engine == nullptr) throw unavailable("The server ends.");
    work.ready(model);
  } catch (...) {
    work.failed(std::current_exception());
  }
}

}  // namespace

void ModelSet::remark(const std::string& text) const {
  if (options_.remark) options_.remark(text);
}

void ModelSet::decide() {
  std::optional<Clock::time_point> look;
  for (;;) {
    wake_up_.wait(look);
    if (ends_) return;
    Afterwards afterwards;
    {
      const std::lock_guard lock(mutex_);
      drop_parked(afterwards);
      settle_load(afterwards);
      collect(afterwards);
    }
    afterwards.ended.clear();  // joins their threads
    for (const auto& one : afterwards.calls) one();
    if (wants_reload_.exchange(false)) find_changes();
    begin_next();
    const std::lock_guard lock(mutex_);
    look = parked_.empty() ? std::nullopt : std::optional(Clock::now() + kLook);
  }
}

void ModelSet::drop_parked(Afterwards& out) {
  const Clock::time_point now = Clock::now();
  std::erase_if(parked_, [&](Parked& one) {
    std::exception_ptr error;
    if (one.wish.gone.stop_requested()) {
      error = std::make_exception_ptr(unavailable("The client is gone."));
    } else if (one.wish.deadline && one.wish.deadline->at <= now) {
      error = out_of_time(*one.wish.deadline);
    }
    if (!error) return false;
    out.calls.emplace_back([work = std::move(one.work), error] { work.failed(error); });
    return true;
  });
}

void ModelSet::settle_load(Afterwards& out) {
  if (loading_ == nullptr || loading_->next->state() == ServedModel::State::kLoading) return;
  Slot& slot = *std::exchange(loading_, nullptr);
  const std::shared_ptr<ServedModel> fresh = std::exchange(slot.next, nullptr);
  if (fresh->state() == ServedModel::State::kFailed) {
    settle_failure(slot, fresh->failure(), out);
    out.ended.push_back(fresh);
    return;
  }
  if (slot.current) {
    out.calls.emplace_back([this, name = slot.source.name] {
      remark(fmt::format("{} was loaded anew; what it was writing goes on with the old one", name));
    });
    retire(slot);
  }
  slot.current = fresh;
  slot.needed = 0;
  slot.leaves = false;
  slot.failure = nullptr;
  if (!start_.empty() && start_.front() == &slot) start_.pop_front();
  serve_parked(slot, out);
  started_.notify_all();
}

void ModelSet::settle_failure(Slot& slot, const std::exception_ptr& failure, Afterwards& out) {
  slot.needed = 0;
  if (is_reload(slot)) reloads_.pop_front();
  wake_up_.call();
  const ApiError error = load_error(slot, failure);
  if (slot.current) {  // it was to be loaded anew
    out.calls.emplace_back([this, name = slot.source.name, text = std::string(error.what())] {
      remark(fmt::format("{} {} goes on as it was loaded before", text, name));
    });
    return;
  }
  slot.failure = failure;
  slot.failed_at = Clock::now();
  if (!start_.empty() && start_.front() == &slot) {  // wait_until_loaded() tells
    start_.pop_front();
    if (!start_failure_) start_failure_ = failure;
    started_.notify_all();
  } else {
    out.calls.emplace_back(
        [text = std::string(error.what())] { log::warning("[serve] {}", text); });
  }
  std::erase_if(parked_, [&](Parked& one) {
    if (one.slot != &slot) return false;
    out.calls.emplace_back(
        [work = std::move(one.work), error] { work.failed(std::make_exception_ptr(error)); });
    return true;
  });
}

void ModelSet::serve_parked(Slot& slot, Afterwards& out) {
  std::erase_if(parked_, [&](Parked& one) {
    if (one.slot != &slot) return false;
    // It is held from here on, by a task of its own: of itself it must not hold more.
    const auto hold = std::make_shared<ModelHold>(*slot.current);
    out.calls.emplace_back([served = slot.current, hold, work = std::move(one.work)] {
      try {
        served->post_pending(
            [&model = *served, hold, work](Engine* engine) { work_with(model, engine, work); });
      } catch (...) {
        work.failed(std::current_exception());
      }
    });
    return true;
  });
}

void ModelSet::collect(Afterwards& out) {
  for (const auto& slot : slots_) {
    if (slot->leaves && slot->current->is_idle()) retire(*slot);
  }
  std::erase_if(retired_, [&](Retired& old) {
    if (!old.served->is_idle()) return false;
    old.slot->past.add(old.served->status());
    out.ended.push_back(std::move(old.served));
    return true;
  });
}

void ModelSet::retire(Slot& slot) {
  retired_.push_back({&slot, std::exchange(slot.current, nullptr)});
  slot.leaves = false;
  wake_up_.call();
}

void ModelSet::find_changes() {
  struct Known {
    Slot* slot;
    FileStamp stamp;
  };
  std::vector<Known> known;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& slot : slots_) {
      slot->failed_at = {};  // whatever was wrong may be right now
      if (slot->current) known.push_back({slot.get(), slot->current->stamp()});
    }
  }
  std::string names;
  for (const Known& one : known) {
    if (files_since(one.slot->source.path, one.stamp) == "unchanged") continue;
    names += (names.empty() ? "" : ", ") + one.slot->source.name;
    const std::lock_guard lock(mutex_);
    if (std::ranges::count(reloads_, one.slot) == 0) reloads_.push_back(one.slot);
  }
  for (const auto& [name, served] : bundles_) {
    if (is_same_bundle(served.bundle)) continue;
    remark(fmt::format(
        "{} is another bundle now: its default weights are loaded anew, but {}{} goes on as the "
        "bundle was. Start the server anew.",
        name, name, kAutoSuffix));
  }
  remark(names.empty() ? "no model that is loaded changed on disk"
                       : fmt::format("{} changed on disk: loading anew", names));
}

ModelSet::Slot* ModelSet::next_wanted() {
  if (!start_.empty()) return start_.front();
  // One that left meanwhile is read anew anyway.
  while (!reloads_.empty() && !reloads_.front()->current) reloads_.pop_front();
  if (!reloads_.empty()) return reloads_.front();
  return parked_.empty() ? nullptr : parked_.front().slot;
}

void ModelSet::begin_next() {
  Afterwards out;
  {
    std::unique_lock lock(mutex_);
    Slot* slot = loading_ != nullptr ? nullptr : next_wanted();
    if (slot == nullptr) return;
    if (slot->current && !is_reload(*slot)) {  // whoever it was to make room for is gone
      slot->leaves = false;
      serve_parked(*slot, out);
      wake_up_.call();
    } else if (estimate(*slot, lock, out) && make_room(*slot, out)) {
      if (is_reload(*slot)) reloads_.pop_front();
      slot->next = std::make_shared<ServedModel>(slot->source.name, slot->source.path,
                                                 slot->options, turn_, [this] { wake_up_.call(); });
      loading_ = slot;
    }
  }
  for (const auto& one : out.calls) one();
}

bool ModelSet::estimate(Slot& slot, std::unique_lock<std::mutex>& lock, Afterwards& out) {
  if (limit_ == 0 || slot.stays || slot.needed > 0) return true;
  lock.unlock();  // files may be far away
  std::int64_t needed = 0;
  std::exception_ptr failure;
  try {
    needed = expected_memory(slot.source.path, slot.options.engine, slot.options.batch);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  slot.needed = needed;
  if (failure) settle_failure(slot, failure, out);
  return !failure;
}

std::int64_t ModelSet::bytes_in_use() const {
  std::int64_t bytes = 0;
  for (const auto& slot : slots_) bytes += slot->current ? slot->current->bytes() : 0;
  for (const Retired& old : retired_) bytes += old.served->bytes();
  return bytes;
}

bool ModelSet::make_room(Slot& slot, Afterwards& out) {
  if (limit_ == 0 || slot.stays) return true;
  std::int64_t left = limit_ - bytes_in_use() - slot.needed;
  if (left >= 0) return true;
  const bool is_start = !start_.empty();
  if (is_start && slot.needed <= limit_) {  // it is loaded when somebody asks for it
    slot.needed = 0;                        // its files may be others by then
    start_.pop_front();
    started_.notify_all();
    wake_up_.call();
    return false;
  }
  for (const Retired& old : retired_) left += old.served->bytes();
  for (const auto& other : slots_) left += other->leaves ? other->current->bytes() : 0;
  for (Slot* other : that_may_leave(slot)) {
    if (left >= 0) break;
    const bool is_idle = other->current->is_idle();
    if (!is_idle && is_reload(slot)) continue;  // nobody waits for it
    left += other->current->bytes();
    if (is_idle) {
      retire(*other);
    } else {
      other->leaves = true;
    }
  }
  if (left < 0) settle_failure(slot, does_not_fit(slot.source.name, slot.needed, left), out);
  return false;
}

std::vector<ModelSet::Slot*> ModelSet::that_may_leave(const Slot& wanted) const {
  std::vector<std::tuple<bool, std::uint64_t, Slot*>> order;
  for (const auto& slot : slots_) {
    if (slot.get() == &wanted || !slot->current || slot->stays || slot->leaves) continue;
    order.emplace_back(!slot->current->is_idle(), slot->used, slot.get());
  }
  std::ranges::sort(order);
  std::vector<Slot*> out;
  for (const auto& [busy, used, slot] : order) out.push_back(slot);
  return out;
}

}  // namespace pangu::serve
