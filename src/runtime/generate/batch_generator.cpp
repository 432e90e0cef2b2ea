// SPDX-License-Identifier: Apache-2.0
// A request is a list of tokens (prompt, then reply) of which the first `cached` are in the cache.
// Every pass runs some of the rest: all of it once the reply is being written, which is one token
// and perhaps a draft behind it, or a piece of it while it is a prompt. Nothing else distinguishes
// prefill, decoding, and doing again what an eviction lost.
#include "runtime/generate/batch_generator.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/common_prefix.h"
#include "base/error.h"
#include "base/resources.h"
#include "ops/host.h"
#include "runtime/cache/context_length.h"
#include "runtime/generate/reply.h"
#include "runtime/speculation/draft_rows.h"
#include "runtime/speculation/speculation_sequence.h"

namespace pangu {
namespace {

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
  /// Whether the next pass gives it a token for one row.
  bool decodes() const { return writes() && pending().size() == 1; }

  int64_t number;
  GenerateOptions options;
  Sampler sampler;
  TokenHistory history;
  Reply reply;
  std::optional<SequenceId> sequence;  ///< while it runs
  int64_t cached = 0;
  std::unique_ptr<Speculation::Sequence> speculation;  ///< once it was admitted
  Stopwatch watch;  ///< since it was admitted, then since its first token
};

/// What one request has in a pass.
struct BatchGenerator::Part {
  Request* request;
  int64_t tokens;  ///< without drafted ones
  bool gives_logits;
  std::optional<DraftRows> draft;

  int64_t logit_rows() const { return draft ? draft->size() : gives_logits ? 1 : 0; }
};

struct BatchGenerator::Pass {
  Batch batch;
  std::vector<Part> parts;
  std::vector<Speculation::Turn> turns;
  int64_t rows = 0;  ///< without drafts
};

BatchGenerator::BatchGenerator(const Model& model, Context& ctx,
                               const BatchGeneratorOptions& options, const Model* draft)
    : model_(model),
      ctx_(ctx),
      options_(checked(model, options)),
      eos_ids_(model.eos_ids()),
      cache_(model.network->kv_shape(options_.kv),
             options_.cache_positions + fork_positions(options_.speculation), ctx.shared_device()),
      speculation_(options_.speculation, model, draft, ctx, cache_, options_.cache_positions,
                   options_.kv) {}

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
    const int64_t now =
        std::min(common, other->cached) / kernels::kPagePositions * kernels::kPagePositions;
    best_later = std::max(best_later, common / kernels::kPagePositions * kernels::kPagePositions);
    if (now > best_shared) {
      best = other.get();
      best_shared = now;
    }
  }
  if (best_later > best_shared) return false;
  const int64_t needed = static_cast<int64_t>(tokens.size()) - best_shared;
  // A page for each to grow: whoever is admitted should not be evicted at once.
  const auto reserve = kernels::kPagePositions * (static_cast<int64_t>(running_.size()) + 1);
  if (!running_.empty() && needed + reserve > cache_.free_positions()) return false;
  request->sequence = best ? cache_.fork(*best->sequence, best_shared) : cache_.create();
  request->cached = best_shared;
  if (!request->speculation) {
    request->speculation = speculation_.open(tokens, request->sampler);
  }
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

/// Asks for drafts for all replies that decode.
void BatchGenerator::draft() {
  std::vector<Speculation::Turn> turns;
  int64_t prompts = 0;
  for (const RequestPtr& r : running_) {
    if (r->decodes()) {
      turns.push_back({r->speculation.get(), *r->sequence, r->reply.left()});
    } else {
      prompts += std::ssize(r->pending());
    }
  }
  speculation_.plan(turns, std::ssize(turns) + std::min(prompts, options_.pass_tokens));
}

/// Whoever is older goes first. Room is made by evicting the youngest, which has no part in the
/// pass yet.
BatchGenerator::Pass BatchGenerator::plan() {
  Pass pass;
  draft();
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
    pass.parts.push_back({.request = &r, .tokens = n, .gives_logits = n == size, .draft = {}});
    pass.rows += n;
    if (r.decodes()) {
      if (!DraftRows::has_room(cache_, r.speculation->draft())) r.speculation->choose_none();
      pass.parts.back().draft.emplace(cache_, *r.sequence, pending[0], r.speculation->draft(),
                                      pass.batch);
      pass.turns.push_back({r.speculation.get(), *r.sequence, r.reply.left()});
      continue;
    }
    cache_.append(*r.sequence, pending.first(static_cast<std::size_t>(n)),
                  n == size ? Logits::kLast : Logits::kNone, pass.batch);
    if (size > 1) prompt_room -= n;
  }
  return pass;
}

void BatchGenerator::run(Pass& pass) {
  Stopwatch watch;
  Tensor logits;
  try {
    logits = to_host(model_.network->forward(pass.batch, cache_.storage(), ctx_));
  } catch (...) {
    for (Part& part : pass.parts) {
      if (part.draft) part.draft->undo();
      cache_.truncate(*part.request->sequence, part.request->cached);
    }
    throw;
  }
  std::vector<int64_t> done;
  std::exception_ptr error;
  int64_t row = 0, reply_rows = 0;
  for (Part& part : pass.parts) {
    Request& r = *part.request;
    const float* first = logits.data<float>() + row * model_.config().vocab_size;
    row += part.logit_rows();
    if (part.draft) reply_rows += part.logit_rows();
    try {
      if (!advance(part, first)) done.push_back(r.number);
    } catch (...) {
      r.reply.result.finish_reason = FinishReason::kCancelled;
      done.push_back(r.number);
      if (!error) error = std::current_exception();
    }
  }
  speculation_.record(pass.turns, pass.rows, watch.seconds());
  for (const int64_t number : done) retire(take(running_, number));
  const double share = static_cast<double>(reply_rows) / static_cast<double>(pass.batch.size());
  stats_.prompt_tokens += pass.batch.size() - reply_rows;
  stats_.reply_s += watch.seconds() * share;
  stats_.prompt_s += watch.seconds() * (1 - share);
  if (error) std::rethrow_exception(error);
}

bool BatchGenerator::advance(Part& part, const float* logits) {
  Request& r = *part.request;
  if (part.draft) return advance_draft(r, *part.draft, logits);
  r.cached += part.tokens;
  if (!part.gives_logits) return true;
  if (!r.writes()) {
    r.reply.result.prefill_s = r.watch.seconds();
    r.watch.restart();
    if (r.reply.full()) {  // only the prompt was to be computed
      r.reply.result.finish_reason = FinishReason::kLength;
      return false;
    }
  }
  const bool goes_on = take_token(r, logits);
  r.speculation->push(r.history.tokens().back());
  return goes_on;
}

bool BatchGenerator::advance_draft(Request& r, DraftRows& rows, const float* logits) {
  const std::size_t before = r.history.size();
  Draft::Index node = Draft::kRoot;
  bool goes_on = false;
  try {
    goes_on = follow_draft(r.speculation->draft(), node, [&](Draft::Index at) {
      const bool more = take_token(r, logits + rows.row(at) * model_.config().vocab_size);
      return std::pair(r.history.tokens().back(), more);
    });
  } catch (...) {
    rows.undo();
    throw;
  }
  const auto came = r.history.tokens().subspan(before);
  r.sequence = rows.keep(node);
  r.cached += std::ssize(came);
  r.speculation->advance(came);
  stats_.reply_tokens += std::ssize(came);
  return goes_on;
}

bool BatchGenerator::take_token(Request& r, const float* row) {
  const std::span<const float> logits(row, static_cast<std::size_t>(model_.known_ids()));
  const TokenId id = r.reply.choose(r.sampler, logits, r.history, scratch_);
  r.history.push(id);
  if (r.reply.push(id, logits)) return true;
  r.reply.finish();
  return false;
}

void BatchGenerator::retire(RequestPtr request) {
  if (request->sequence) cache_.release(*request->sequence);
  if (request->writes()) {
    Generation& result = request->reply.result;
    result.decode_s = request->watch.seconds();
    if (speculation_.is_on()) result.speculation = request->speculation->stats;
    speculation_.learn(result.ids);
  }
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
