// SPDX-License-Identifier: Apache-2.0
// A request is a list of tokens (prompt, then reply) of which the first `cached` are in the cache.
// Every pass runs some of the rest: all of it once the reply is being written, which is one token,
// or a piece of it while it is a prompt. Nothing else distinguishes prefill, decoding, and doing
// again what an eviction lost.
#include "runtime/batch_generator.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/common_prefix.h"
#include "base/error.h"
#include "base/resources.h"
#include "runtime/reply.h"

namespace pangu {
namespace {

constexpr int64_t kPage = kernels::kPagePositions;

BatchGeneratorOptions checked(const Model& model, BatchGeneratorOptions o) {
  checked_positions(model, o.context);
  if (o.max_replies < 1 || o.pass_tokens < 1) {
    fail<ConfigError>(
        "[batch] {} replies at once and {} tokens per pass were asked for. Both must be 1 or more.",
        o.max_replies, o.pass_tokens);
  }
  o.cache_positions = std::max(o.cache_positions, o.context);
  return o;
}

}  // namespace

struct BatchGenerator::Request {
  Request(int64_t request, const Model& model, std::span<const TokenId> prompt,
          const GenerateOptions& generate, std::span<const TokenId> eos_ids, int64_t room,
          TokenCallback on_token)
      : number(request),
        options(generate),
        sampler(generate.sampling),
        history(sampler.make_history()),
        reply(model, options, eos_ids, prompt, room, std::move(on_token)) {
    history.append_prompt(prompt);
    reply.result.prompt_tokens = static_cast<int64_t>(prompt.size());
  }

  /// Tokens that are not in the cache yet.
  std::span<const TokenId> pending() const {
    return history.tokens().subspan(static_cast<std::size_t>(cached));
  }
  bool writes() const { return !reply.result.ids.empty(); }

  int64_t number;
  GenerateOptions options;
  Sampler sampler;
  TokenHistory history;
  Reply reply;
  std::optional<SequenceId> sequence;  ///< while it runs
  int64_t cached = 0;
  Stopwatch watch;  ///< since it was admitted, then since its first token
};

struct BatchGenerator::Pass {
  struct Part {
    Request* request;
    int64_t tokens;
    bool gives_logits;
  };
  Batch batch;
  std::vector<Part> parts;
};

BatchGenerator::BatchGenerator(const Model& model, Context& ctx,
                               const BatchGeneratorOptions& options)
    : model_(model),
      ctx_(ctx),
      options_(checked(model, options)),
      eos_ids_(model.eos_ids()),
      cache_(model.decoder->kv_shape(options_.kv), options_.cache_positions, ctx.shared_device()) {}

BatchGenerator::~BatchGenerator() = default;

int64_t BatchGenerator::submit(std::span<const TokenId> prompt, const GenerateOptions& options,
                               TokenCallback on_token) {
  check_prompt(model_.config(), prompt, options_.context);
  check_generate_options(options);
  const int64_t room = options_.context - static_cast<int64_t>(prompt.size());
  waiting_.push_back(std::make_unique<Request>(next_, model_, prompt, options, eos_ids_, room,
                                               std::move(on_token)));
  return next_++;
}

bool BatchGenerator::cancel(int64_t request) {
  RequestPtr found = take(running_, request);
  if (!found) found = take(waiting_, request);
  if (!found) return false;
  found->reply.finish();
  found->reply.result.finish_reason = FinishReason::kCancelled;
  retire(std::move(found));
  return true;
}

/// Removes a request from a list; null if it is not there.
template <class List>
BatchGenerator::RequestPtr BatchGenerator::take(List& list, int64_t number) {
  const auto at = std::find_if(list.begin(), list.end(),
                               [number](const RequestPtr& r) { return r->number == number; });
  if (at == list.end()) return nullptr;
  RequestPtr found = std::move(*at);
  list.erase(at);
  return found;
}

std::vector<BatchGenerator::Finished> BatchGenerator::take_finished() {
  return std::exchange(finished_, {});
}

void BatchGenerator::end_cancelled() {
  std::vector<int64_t> numbers;
  const auto collect = [&](const auto& requests) {
    for (const RequestPtr& r : requests) {
      if (r->options.cancel.stop_requested()) numbers.push_back(r->number);
    }
  };
  collect(running_);
  collect(waiting_);
  for (const int64_t number : numbers) cancel(number);
}

void BatchGenerator::admit() {
  while (!waiting_.empty() && static_cast<int64_t>(running_.size()) < options_.max_replies) {
    if (!try_admit(waiting_.front())) return;
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

/// Gives a request a sequence, which shares whole pages with the one that has most in common. False
/// if it should wait: for pages, or because its beginning is just being computed by another.
bool BatchGenerator::try_admit(RequestPtr& request) {
  const auto tokens = request->history.tokens();
  const Request* best = nullptr;
  int64_t best_shared = 0, best_later = 0;
  for (const RequestPtr& other : running_) {
    // The last token always runs: its logits are needed.
    const int64_t common = std::min(common_prefix(tokens, other->history.tokens()),
                                    static_cast<int64_t>(tokens.size()) - 1);
    const int64_t now = std::min(common, other->cached) / kPage * kPage;
    best_later = std::max(best_later, common / kPage * kPage);
    if (now > best_shared) {
      best = other.get();
      best_shared = now;
    }
  }
  if (best_later > best_shared) return false;
  const int64_t needed = static_cast<int64_t>(tokens.size()) - best_shared;
  // A page for each to grow: whoever is admitted should not be evicted at once.
  const auto reserve = kPage * (static_cast<int64_t>(running_.size()) + 1);
  if (!running_.empty() && needed + reserve > cache_.free_positions()) return false;
  request->sequence = best ? cache_.fork(*best->sequence, best_shared) : cache_.create();
  request->cached = best_shared;
  if (!request->writes()) {
    request->reply.result.cached_tokens = best_shared;
    request->watch.restart();
  }
  stats_.shared_tokens += best_shared;
  return true;
}

void BatchGenerator::evict_youngest() {
  RequestPtr request = std::move(running_.back());
  running_.pop_back();
  cache_.release(*std::exchange(request->sequence, std::nullopt));
  request->cached = 0;
  waiting_.push_front(std::move(request));
  ++stats_.evictions;
}

/// Whoever is older goes first. Room is made by evicting the youngest, which has no part in the
/// pass yet.
BatchGenerator::Pass BatchGenerator::plan() {
  Pass pass;
  int64_t prompt_room = options_.pass_tokens;
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Request& r = *running_[i];
    const auto pending = r.pending();
    const auto size = static_cast<int64_t>(pending.size());
    const int64_t n = size == 1 ? 1 : std::min(size, prompt_room);
    if (n == 0) continue;
    while (!cache_.has_room(*r.sequence, n) && i + 1 < running_.size()) evict_youngest();
    if (!cache_.has_room(*r.sequence, n) && i > 0) {
      evict_youngest();
      break;
    }
    cache_.append(*r.sequence, pending.first(static_cast<std::size_t>(n)),
                  n == size ? Logits::kLast : Logits::kNone, pass.batch);
    pass.parts.push_back({.request = &r, .tokens = n, .gives_logits = n == size});
    if (size > 1) prompt_room -= n;
  }
  return pass;
}

void BatchGenerator::run(Pass& pass) {
  Stopwatch watch;
  Tensor logits;
  try {
    logits = model_.decoder->forward(pass.batch, cache_.storage(), ctx_);
  } catch (...) {
    for (const Pass::Part& part : pass.parts) {
      cache_.truncate(*part.request->sequence, part.request->cached);
    }
    throw;
  }
  std::vector<int64_t> done;
  std::exception_ptr error;
  int64_t row = 0, reply_rows = 0;
  for (const Pass::Part& part : pass.parts) {
    Request& r = *part.request;
    r.cached += part.tokens;
    if (part.tokens == 1 && r.writes()) ++reply_rows;
    if (!part.gives_logits) continue;
    const float* first = logits.data<float>() + row++ * model_.config().vocab_size;
    try {
      if (!advance(r, {first, static_cast<std::size_t>(model_.known_ids())})) {
        done.push_back(r.number);
      }
    } catch (...) {
      r.reply.result.finish_reason = FinishReason::kCancelled;
      done.push_back(r.number);
      if (!error) error = std::current_exception();
    }
  }
  for (const int64_t number : done) retire(take(running_, number));
  const double share = static_cast<double>(reply_rows) / static_cast<double>(pass.batch.size());
  stats_.reply_tokens += reply_rows;
  stats_.prompt_tokens += pass.batch.size() - reply_rows;
  stats_.reply_s += watch.seconds() * share;
  stats_.prompt_s += watch.seconds() * (1 - share);
  if (error) std::rethrow_exception(error);
}

bool BatchGenerator::advance(Request& r, std::span<const float> logits) {
  Generation& result = r.reply.result;
  if (!r.writes()) {
    result.prefill_s = r.watch.seconds();
    r.watch.restart();
    if (r.reply.full()) {  // only the prompt was to be computed
      result.finish_reason = FinishReason::kLength;
      return false;
    }
  }
  const TokenId id = r.sampler.sample(logits, r.history, scratch_);
  r.history.push(id);
  if (r.reply.push(id, logits)) return true;
  r.reply.finish();
  return false;
}

void BatchGenerator::retire(RequestPtr request) {
  if (request->sequence) cache_.release(*request->sequence);
  if (request->writes()) request->reply.result.decode_s = request->watch.seconds();
  finished_.push_back({request->number, std::move(request->reply.result)});
}

bool BatchGenerator::step() {
  end_cancelled();
  admit();
  Pass pass = plan();
  if (!pass.parts.empty()) run(pass);
  return !running_.empty() || !waiting_.empty();
}

}  // namespace pangu
