// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/served_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/log.h"
#include "pangu/error.h"
#include "runtime/engine_parts.h"
#include "runtime/prefill_chunk.h"
#include "serve/api_error.h"
#include "serve/models/model_memory.h"

namespace pangu::serve {
namespace {

constexpr int kLongestRetry = 60;
/// How much the newest reply counts in the mean.
constexpr double kNewest = 0.1;
/// Tokens of a prompt that a pass takes at least, so that long ones come to an end.
constexpr std::int64_t kFewestPromptTokens = 32;

std::exception_ptr ended() {
  return std::make_exception_ptr(Cancelled("[serve] the server ends before this reply does."));
}

void run(const std::function<void(Engine*)>& task, Engine* engine) {
  try {
    task(engine);
  } catch (const std::exception& error) {
    log::warning("[serve] a task of the model failed: {}", error.what());
  }
}

}  // namespace

void ModelStatus::add(const ModelStatus& other) {
  waiting += other.waiting;
  running += other.running;
  replies += other.replies;
  written += other.written;
  speculation.add(other.speculation);
  batch.prompt_tokens += other.batch.prompt_tokens;
  batch.shared_tokens += other.batch.shared_tokens;
  batch.reply_tokens += other.batch.reply_tokens;
  batch.drafted_tokens += other.batch.drafted_tokens;
  batch.accepted_tokens += other.batch.accepted_tokens;
  batch.evictions += other.batch.evictions;
  batch.prompt_s += other.batch.prompt_s;
  batch.reply_s += other.batch.reply_s;
}

ServedModel::ServedModel(std::string name, std::filesystem::path path, ServedModelOptions options,
                         ComputeTurn& turn, std::function<void()> changed)
    : name_(std::move(name)),
      path_(std::move(path)),
      options_(std::move(options)),
      turn_(turn),
      told_(std::move(changed)) {
  thread_ = std::thread([this] { work(); });
}

ServedModel::~ServedModel() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::exception_ptr ServedModel::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void ServedModel::hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
}

void ServedModel::release() {
  // Once this lock is open nobody may touch what is let go: whoever waits is told before.
  const std::lock_guard lock(mutex_);
  if (--holds_ == 0) told_();
}

bool ServedModel::is_idle() const {
  const std::lock_guard lock(mutex_);
  return holds_ == 0 && !works_ && tasks_.empty() && queue_.size() == 0;
}

const Model& ServedModel::model() const {
  return EngineParts::model(*engine_);
}

void ServedModel::submit(std::vector<ReplyJobPtr> jobs, const std::function<void()>& accepted) {
  const std::lock_guard lock(mutex_);
  if (ends_ || state_ != State::kReady) throw unavailable("The model is not ready.");
  // What may begin at once does not wait.
  const std::size_t busy = queue_.size() + status_.running;
  const std::size_t most =
      options_.max_waiting + static_cast<std::size_t>(options_.batch.max_replies);
  if (busy + jobs.size() > most) {
    throw too_many(fmt::format("{} replies of {} wait or are being written, and {} more were asked "
                               "for; {} is the limit. Try again later.",
                               busy, name_, jobs.size(), most),
                   retry_after());
  }
  accepted();
  for (ReplyJobPtr& job : jobs) queue_.push(std::move(job));
  status_.waiting = queue_.size();
  changed_.notify_all();
}

void ServedModel::post(std::function<void(Engine*)> work) {
  add_task(std::move(work), options_.max_waiting);
}

void ServedModel::post_pending(std::function<void(Engine*)> work) {
  add_task(std::move(work), std::numeric_limits<std::size_t>::max());
}

void ServedModel::add_task(std::function<void(Engine*)> work, std::size_t most) {
  {
    const std::lock_guard lock(mutex_);
    if (ends_ || state_ != State::kReady) throw unavailable("The model is not ready.");
    if (tasks_.size() >= most) {
      throw too_many(
          fmt::format("{} requests of {} wait, which is the limit.", tasks_.size(), name_),
          retry_after());
    }
    tasks_.push_back(std::move(work));
  }
  changed_.notify_all();
}

ModelStatus ServedModel::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

int ServedModel::retry_after() const {
  const double seconds = reply_s_ * static_cast<double>(queue_.size() + 1) /
                         static_cast<double>(options_.batch.max_replies);
  return static_cast<int>(std::clamp(std::ceil(seconds), 1.0, double{kLongestRetry}));
}

void ServedModel::work() {
  if (load()) serve();
  end_all();
  // Where they were made: threads of the engine may be bound with this one.
  batch_.reset();
  engine_.reset();
}

bool ServedModel::load() {
  std::exception_ptr failure;
  try {
    const std::lock_guard turn(turn_);
    EngineOptions options = options_.engine;
    options.progress = [this](std::string_view what, std::int64_t done, std::int64_t total) {
      if (ends_) throw Cancelled("[serve] the server ends before this model is loaded.");
      if (options_.engine.progress) options_.engine.progress(what, done, total);
      // Others compute between two matrices.
      turn_.unlock();
      turn_.lock();
    };
    stamp_ = file_stamp(path_);
    engine_ = std::make_unique<Engine>(Engine::load(path_, options));
    batch_ = std::make_unique<BatchEngine>(*engine_, options_.batch);
    grammars_ = std::make_unique<GrammarCompiler>(engine_->tokenizer());
    bytes_ = memory_of(*engine_, batch_->stats().cache_positions);
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    if (batch_) status_.batch = batch_->stats();
    state_ = failure ? State::kFailed : State::kReady;
  }
  told_();
  return !failure;
}

void ServedModel::serve() {
  for (;;) {
    std::deque<std::function<void(Engine*)>> tasks;
    std::vector<ReplyJobPtr> fresh, cancelled, overdue;
    {
      std::unique_lock lock(mutex_);
      if (running_.empty()) wait_for_work(lock);
      if (ends_) return;
      cancelled = queue_.take_cancelled();
      overdue = queue_.take_overdue(Clock::now());
      tasks.swap(tasks_);
      const auto room = static_cast<std::size_t>(options_.batch.max_replies);
      while (running_.size() + fresh.size() < room && queue_.size() > 0) {
        fresh.push_back(queue_.pop());
      }
      status_.running = running_.size() + fresh.size();
      status_.waiting = queue_.size();
    }
    for (const ReplyJobPtr& job : cancelled) job->on_error(ended());
    for (const ReplyJobPtr& job : overdue) job->on_error(out_of_time(*job->deadline));
    for (const auto& task : tasks) {
      const std::lock_guard turn(turn_);
      run(task, engine_.get());
    }
    for (ReplyJobPtr& job : fresh) start(std::move(job));
    end_overdue();
    if (!running_.empty()) step();
  }
}

void ServedModel::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto has_work = [this] { return ends_ || !tasks_.empty() || queue_.size() > 0; };
  if (!has_work()) {
    works_ = false;
    if (holds_ == 0) told_();
    changed_.wait(lock, has_work);
  }
  works_ = true;
}

void ServedModel::start(ReplyJobPtr job) {
  try {
    const auto count_token = [this, job = job.get()](const GeneratedToken& token) {
      if (token.id >= 0) {
        ++job->told;
        ++written_;
      }
      if (job->on_token) job->on_token(token);
    };
    const std::int64_t number = batch_->submit(job->prompt, job->options, count_token);
    running_.emplace(number, std::move(job));
  } catch (...) {
    job->on_error(std::current_exception());
    publish();
  }
}

/// Tokens of prompts for the next pass. Where nobody waits for a token, as many as go.
std::int64_t ServedModel::prompt_limit() const {
  if (running_.size() < 2 || prompt_token_s_ <= 0) return kPrefillChunk;
  const double n = options_.prompt_s / prompt_token_s_;
  return static_cast<std::int64_t>(
      std::clamp(n, static_cast<double>(kFewestPromptTokens), static_cast<double>(kPrefillChunk)));
}

void ServedModel::step() {
  std::exception_ptr error;
  {
    const std::lock_guard turn(turn_);
    const BatchStats before = batch_->stats();
    batch_->limit_prompt_tokens(prompt_limit());
    try {
      batch_->step();
    } catch (...) {
      error = std::current_exception();
    }
    const BatchStats after = batch_->stats();
    const std::int64_t n = after.prompt_tokens - before.prompt_tokens;
    // Passes over few tokens tell what reading the weights takes, not what a token does.
    if (n >= kFewestPromptTokens) {
      const double s = (after.prompt_s - before.prompt_s) / static_cast<double>(n);
      prompt_token_s_ += (prompt_token_s_ > 0 ? kNewest : 1) * (s - prompt_token_s_);
    }
  }
  finish(error);
  publish();
}

void ServedModel::end_overdue() {
  const Clock::time_point now = Clock::now();
  std::vector<ReplyJobPtr> overdue;
  for (auto at = running_.begin(); at != running_.end();) {
    if (!at->second->deadline || at->second->deadline->at > now) {
      ++at;
      continue;
    }
    batch_->cancel(at->first);  // finish() passes over it
    overdue.push_back(std::move(at->second));
    at = running_.erase(at);
  }
  if (overdue.empty()) return;
  publish();
  for (const ReplyJobPtr& job : overdue) job->on_error(out_of_time(*job->deadline));
}

void ServedModel::finish(const std::exception_ptr& error) {
  bool told = false;
  for (const BatchReply& reply : batch_->take_finished()) {
    const auto at = running_.find(reply.request);
    if (at == running_.end()) continue;
    const ReplyJobPtr job = std::move(at->second);
    running_.erase(at);
    written_ += std::ssize(reply.generation.ids) - job->told;  // without text of its own
    count(reply.generation);
    publish();  // before anybody hears of it
    const bool broke = reply.generation.finish_reason == FinishReason::kCancelled &&
                       !job->options.cancel.stop_requested();
    if (broke && error) {
      job->on_error(error);
      told = true;
    } else {
      job->on_done(reply.generation);
    }
  }
  if (error && !told) fail_youngest(error);
}

/// A pass that failed as a whole would fail again: who came last makes room for the others.
void ServedModel::fail_youngest(const std::exception_ptr& error) {
  const auto youngest = std::ranges::max_element(
      running_, [](const auto& a, const auto& b) { return a.first < b.first; });
  if (youngest == running_.end()) return;
  const ReplyJobPtr job = std::move(youngest->second);
  const std::int64_t number = youngest->first;
  running_.erase(youngest);
  batch_->cancel(number);
  // Its end is told here; whoever else ended with it is told as ever.
  for (const BatchReply& reply : batch_->take_finished()) {
    const auto at = running_.find(reply.request);
    if (at == running_.end()) continue;
    const ReplyJobPtr other = std::move(at->second);
    running_.erase(at);
    other->on_done(reply.generation);
  }
  publish();
  job->on_error(error);
}

void ServedModel::publish() {
  const std::lock_guard lock(mutex_);
  status_.running = running_.size();
  status_.written = written_;
  status_.batch = batch_->stats();
}

void ServedModel::count(const Generation& ended_reply) {
  const std::lock_guard lock(mutex_);
  ++status_.replies;
  status_.speculation.add(ended_reply.speculation);
  reply_s_ += kNewest * (ended_reply.prefill_s + ended_reply.decode_s - reply_s_);
}

void ServedModel::end_all() {
  std::vector<ReplyJobPtr> left;
  std::deque<std::function<void(Engine*)>> tasks;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    left = queue_.take_all();
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) run(task, nullptr);
  for (auto& [number, job] : running_) left.push_back(std::move(job));
  running_.clear();
  for (const ReplyJobPtr& job : left) job->on_error(ended());
}

}  // namespace pangu::serve
