// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/served_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "pangu/error.h"
#include "runtime/engine_parts.h"
#include "runtime/prefill_chunk.h"
#include "serve/api_error.h"

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

ServedModel::ServedModel(std::string name, std::filesystem::path path, ServedModelOptions options,
                         ComputeTurn& turn)
    : name_(std::move(name)), path_(std::move(path)), options_(std::move(options)), turn_(turn) {
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

void ServedModel::wait_until_loaded() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return state_ != State::kLoading; });
  if (state_ == State::kFailed) std::rethrow_exception(failure_);
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
  {
    const std::lock_guard lock(mutex_);
    if (ends_ || state_ != State::kReady) throw unavailable("The model is not ready.");
    if (tasks_.size() >= options_.max_waiting) {
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
  try {
    const std::lock_guard turn(turn_);
    engine_ = std::make_unique<Engine>(Engine::load(path_, options_.engine));
    batch_ = std::make_unique<BatchEngine>(*engine_, options_.batch);
    grammars_ = std::make_unique<GrammarCompiler>(engine_->tokenizer());
  } catch (...) {
    failure_ = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    state_ = failure_ ? State::kFailed : State::kReady;
  }
  changed_.notify_all();
  return !failure_;
}

void ServedModel::serve() {
  for (;;) {
    std::deque<std::function<void(Engine*)>> tasks;
    std::vector<ReplyJobPtr> fresh, cancelled;
    {
      std::unique_lock lock(mutex_);
      if (running_.empty()) {
        changed_.wait(lock, [&] { return ends_ || !tasks_.empty() || queue_.size() > 0; });
      }
      if (ends_) return;
      cancelled = queue_.take_cancelled();
      tasks.swap(tasks_);
      const auto room = static_cast<std::size_t>(options_.batch.max_replies);
      while (running_.size() + fresh.size() < room && queue_.size() > 0) {
        fresh.push_back(queue_.pop());
      }
      status_.running = running_.size() + fresh.size();
      status_.waiting = queue_.size();
    }
    for (const ReplyJobPtr& job : cancelled) job->on_error(ended());
    for (const auto& task : tasks) {
      const std::lock_guard turn(turn_);
      run(task, engine_.get());
    }
    for (ReplyJobPtr& job : fresh) start(std::move(job));
    if (!running_.empty()) step();
  }
}

void ServedModel::start(ReplyJobPtr job) {
  try {
    const std::int64_t number = batch_->submit(job->prompt, job->options, job->on_token);
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

void ServedModel::finish(const std::exception_ptr& error) {
  bool told = false;
  for (const BatchReply& reply : batch_->take_finished()) {
    const auto at = running_.find(reply.request);
    const ReplyJobPtr job = std::move(at->second);
    running_.erase(at);
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
