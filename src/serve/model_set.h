// SPDX-License-Identifier: Apache-2.0
// The models of a server, by the names under which they are asked for. Where memory is limited they
// are loaded when somebody asks for them, and the one that was not asked for longest makes room.
//
// A thread of its own decides what is loaded and what leaves; models are never let go while
// somebody uses them (ServedModel::is_idle()). Loads go one after another, in this order: those of
// the start, those of reload(), then as requests came. Who asks for a model that makes room waits
// behind those it makes room for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "serve/api_error.h"
#include "serve/models/model_entry.h"
#include "serve/models/model_source.h"
#include "serve/models/wake_up.h"
#include "serve/routing/bundle_ways.h"

namespace pangu::serve {

struct ModelSetOptions {
  ServedModelOptions each;
  /// Bytes that models may take together (memory_of()); 0: all are loaded at the start, and stay.
  std::int64_t max_memory = 0;
  /// Takes remarks on what was loaded anew; may be empty. From any thread.
  std::function<void(const std::string& text)> remark = {};
};

/// A request for a model.
struct ModelWish {
  std::string name;
  std::string id = {};  ///< of the request, for those who ask who waits
  std::optional<Deadline> deadline = {};
  std::stop_token gone = {};
};

/// What is to be done with a model. Exactly one is called, once.
struct ModelWork {
  std::function<void(ServedModel&)> ready;
  /// ApiError: the model could not be loaded, or not in time.
  std::function<void(const std::exception_ptr&)> failed;
};

class ModelSet {
 public:
  /// Begins to load: all, or with max_memory the first ones that fit. The ways of bundles are
  /// loaded when they are asked for, within max_memory or kMemoryShare of the machine's. Throws
  /// ConfigError for two of one name, and what read_bundle() does.
  ModelSet(const std::vector<ModelSource>& sources, ModelSetOptions options);
  ~ModelSet() { stop(); }
  ModelSet(const ModelSet&) = delete;
  ModelSet& operator=(const ModelSet&) = delete;

  /// Waits for those of the start; passes on what loading one threw.
  void wait_until_loaded();
  bool is_ready() const;

  /// Lets all models go. What is being written and who waits get an error; there is none later.
  void stop();

  /// Calls `work` with the model of a name, the first one for an empty name (Ollama's clients say
  /// NAME:latest; NAME:auto of a bundle is NAME here): at once, and what `ready` throws is passed
  /// on; or, if it must be loaded, from another thread, where what `ready` throws goes to `failed`.
  /// Throws ApiError: 404 for a name that is none, 429 where too many wait, 503 where it could not
  /// be loaded a moment ago.
  void use(const ModelWish& wish, ModelWork work);

  /// What is known of a model without loading it. Throws ApiError (404).
  ModelEntry entry(const std::string& name) const;
  std::vector<ModelEntry> entries() const;
  /// Those that wait, the next one first.
  std::vector<PendingRequest> pending() const;

  /// Begins to load anew what changed on disk. Requests that come once that is done go to the new
  /// load; one that fails leaves the old one as it is.
  void reload() { call(wants_reload_); }

  const ServedModelOptions& options() const { return options_.each; }
  /// Those that are bundles, by name.
  const std::map<std::string, ServedBundle>& bundles() const { return bundles_; }
  /// What computes beside models takes its turn, too.
  ComputeTurn& turn() { return turn_; }

 private:
  struct Slot {
    ModelSource source;
    ServedModelOptions options;
    bool stays = false;  ///< never makes room
    std::shared_ptr<ServedModel> current, next;
    bool leaves = false;      ///< makes room once it is idle
    std::int64_t needed = 0;  ///< bytes of the load that is next; 0: not known yet
    std::uint64_t used = 0;   ///< when it was asked for last
    std::exception_ptr failure;
    Clock::time_point failed_at;
    ModelStatus past;  ///< of loads that are over
  };
  struct Parked {
    Slot* slot;
    ModelWish wish;
    ModelWork work;
    Clock::time_point since;
  };
  struct Retired {
    Slot* slot;
    std::shared_ptr<ServedModel> served;
  };
  /// What is done once the lock is open.
  struct Afterwards {
    std::vector<std::function<void()>> calls;
    std::vector<std::shared_ptr<ServedModel>> ended;
  };

  void call(std::atomic<bool>& wish) {
    wish = true;
    wake_up_.call();
  }
  Slot& add(const ModelSource& source, const ServedModelOptions& options);
  void add_ways(const ModelSource& source);
  Slot& find(const std::string& asked) const;
  static ApiError load_error(const Slot& slot, const std::exception_ptr& failure);
  void park(Slot& slot, const ModelWish& wish, ModelWork work);
  std::size_t parked_for(const Slot& slot) const;
  ModelEntry entry_of(const Slot& slot) const;

  // On the thread that decides (model_loading.cpp); those with Afterwards under the lock.
  void decide();
  void drop_parked(Afterwards& out);
  void settle_load(Afterwards& out);
  void settle_failure(Slot& slot, const std::exception_ptr& failure, Afterwards& out);
  void serve_parked(Slot& slot, Afterwards& out);
  void collect(Afterwards& out);
  void retire(Slot& slot);
  void find_changes();
  void begin_next();
  Slot* next_wanted();
  bool is_reload(const Slot& slot) const { return !reloads_.empty() && reloads_.front() == &slot; }
  bool estimate(Slot& slot, std::unique_lock<std::mutex>& lock, Afterwards& out);
  /// Whether there is room; else sees to it that there will be.
  bool make_room(Slot& slot, Afterwards& out);
  std::int64_t bytes_in_use() const;
  /// Idle ones first, then those that were not asked for longest.
  std::vector<Slot*> that_may_leave(const Slot& wanted) const;
  void remark(const std::string& text) const;

  ModelSetOptions options_;
  std::int64_t limit_ = 0;  ///< bytes of those that do not stay, and of all; 0: none
  ComputeTurn turn_;
  WakeUp wake_up_;
  std::atomic<bool> wants_reload_ = false, ends_ = false;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Slot>> slots_;  ///< their number stays
  std::map<std::string, ServedBundle> bundles_;
  std::deque<Parked> parked_;
  std::vector<Retired> retired_;
  std::deque<Slot*> start_, reloads_;  ///< that are to be loaded
  Slot* loading_ = nullptr;
  std::uint64_t asked_ = 0;
  std::exception_ptr start_failure_;
  std::condition_variable started_;
  std::thread thread_;
};

}  // namespace pangu::serve
