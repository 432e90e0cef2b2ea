// SPDX-License-Identifier: Apache-2.0
// A model that many talk to: it is loaded and computes on a thread of its own, which writes all
// replies together (BatchEngine); anybody may ask from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pangu/batch.h"
#include "pangu/engine.h"
#include "pangu/grammar.h"
#include "runtime/model.h"
#include "serve/models/file_stamp.h"
#include "serve/scheduler/compute_turn.h"
#include "serve/scheduler/job_queue.h"

namespace pangu::serve {

struct ServedModelOptions {
  EngineOptions engine;
  BatchOptions batch;
  std::size_t max_waiting = 128;  ///< replies that may wait; those beyond are refused
  /// How long a reply that is being written may wait, for each of its tokens, for prompts that
  /// come: they are computed in pieces that take about as long.
  double prompt_s = 0.03;
};

/// What a model is doing, for people and for metrics.
struct ModelStatus {
  std::size_t waiting = 0, running = 0;
  BatchStats batch;
  std::int64_t replies = 0;  ///< that ended
  std::int64_t written = 0;  ///< tokens of replies, also of those that are being written
  SpeculationStats speculation;

  /// Counts what another load of the same model did; the room of the cache stays this one's.
  void add(const ModelStatus& other);
};

class ServedModel {
 public:
  enum class State { kLoading, kReady, kFailed };

  /// Begins to load; others compute in between. `turn` must outlive it. `changed` is called from
  /// its thread once it is loaded or has failed, and whenever it has nothing left to do.
  ServedModel(
      std::string name, std::filesystem::path path, ServedModelOptions options, ComputeTurn& turn,
      std::function<void()> changed = [] {});
  /// Ends what is left with Cancelled. Not from its own thread.
  ~ServedModel();
  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  const std::string& name() const { return name_; }
  const std::filesystem::path& path() const { return path_; }
  const ServedModelOptions& options() const { return options_; }
  State state() const { return state_; }
  /// What loading threw, once it failed.
  std::exception_ptr failure() const;
  /// The files as they were just before they were read. Of one that is loaded.
  const FileStamp& stamp() const { return stamp_; }
  /// Memory of weights and cache. Of one that is loaded.
  std::int64_t bytes() const { return bytes_; }

  // Whoever calls what follows holds it in between, so that it is not let go.
  void hold();
  void release();
  /// Whether nobody holds it and nothing is left to do.
  bool is_idle() const;

  // The rest is for a model that is ready; as long as it lives, from any thread.

  /// The engine, for what does not compute: tokenizer, prompts, lengths.
  const Engine& engine() const { return *engine_; }
  const Model& model() const;
  /// Compiles what replies may be held to.
  const GrammarCompiler& grammars() const { return *grammars_; }

  /// Queues replies, all or none. `accepted` is called once it is certain that they are, before the
  /// first of their callbacks. Throws ApiError (429) where too many wait, (503) once it ends.
  void submit(std::vector<ReplyJobPtr> jobs, const std::function<void()>& accepted);

  /// Calls `work` once, between two passes, on the thread of the model; with null once the model
  /// ends. What it throws is lost. Throws as submit().
  void post(std::function<void(Engine*)> work);
  /// The same, however many wait: for work that waited for this load.
  void post_pending(std::function<void(Engine*)> work);

  ModelStatus status() const;

 private:
  void add_task(std::function<void(Engine*)> work, std::size_t most);
  void work();
  bool load();
  void serve();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void start(ReplyJobPtr job);
  void step();
  std::int64_t prompt_limit() const;
  void end_overdue();
  void finish(const std::exception_ptr& error);
  void fail_youngest(const std::exception_ptr& error);
  void end_all();
  void publish();
  void count(const Generation& ended);
  int retry_after() const;

  std::string name_;
  std::filesystem::path path_;
  ServedModelOptions options_;
  ComputeTurn& turn_;
  std::function<void()> told_;  ///< `changed` of the constructor

  std::unique_ptr<Engine> engine_;             ///< of the thread of the model, once it is ready
  std::unique_ptr<GrammarCompiler> grammars_;  ///< the same
  std::unique_ptr<BatchEngine> batch_;         ///< the same
  std::unordered_map<std::int64_t, ReplyJobPtr> running_;  ///< the same: by numbers of the batch
  std::int64_t written_ = 0;                               ///< the same: ModelStatus::written
  double prompt_token_s_ = 0;  ///< the same: what a token of a prompt took lately
  FileStamp stamp_;
  std::int64_t bytes_ = 0;
  std::exception_ptr failure_;  ///< once loading failed
  std::atomic<State> state_ = State::kLoading;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  JobQueue queue_;
  std::deque<std::function<void(Engine*)>> tasks_;
  std::atomic<bool> ends_ = false;
  bool works_ = false;     ///< its thread does, or has something to do
  std::size_t holds_ = 0;  ///< by hold()
  ModelStatus status_;
  double reply_s_ = 1;  ///< what a reply took lately
  std::thread thread_;
};

/// Holds a model as long as it lives.
class ModelHold {
 public:
  explicit ModelHold(ServedModel& model) : model_(&model) { model.hold(); }
  ModelHold(ModelHold&& other) noexcept : model_(std::exchange(other.model_, nullptr)) {}
  ModelHold& operator=(ModelHold&&) = delete;
  ~ModelHold() {
    if (model_ != nullptr) model_->release();
  }
  ServedModel& operator*() const { return *model_; }

 private:
  ServedModel* model_;
};

}  // namespace pangu::serve
