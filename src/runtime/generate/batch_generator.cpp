// SPDX-License-Identifier: Apache-2.0
// A request is a list of tokens (prompt, then reply) of which the first `cached` are in the cache.
// Every pass runs some of the rest: all of it once the reply is being written, which is one token
// and perhaps a draft behind it, or a piece of it while it is a prompt. Nothing else distinguishes
// prefill, decoding, and doing again what an eviction lost.
#include "runtime/generate/batch_generator.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "ops/host.h"
#include "runtime/cache/context_length.h"
#include "runtime/generate/batch_request.h"

namespace pangu {
namespace {

/// Tokens that come for sure in one pass, over all replies: each gives a row of logits.
constexpr int64_t kMostCertain = 64;

BatchGeneratorOptions checked(const Model& model, BatchGeneratorOptions o) {
  checked_positions(model, o.context, o.told_context);
  if (o.max_replies < 1 || o.pass_tokens < 1) {
    fail<ConfigError>(
        "[batch] {} replies at once and {} tokens per pass were asked for. Both must be 1 or more.",
        o.max_replies, o.pass_tokens);
  }
  o.cache_positions = std::max(o.cache_positions, o.context);
  return o;
}

std::unique_ptr<PageStore> open_store(std::optional<PageStoreOptions> options,
                                      const KvStorage& storage) {
  if (!options) return nullptr;
  options->page_bytes = storage.page_bytes();
  return std::make_unique<PageStore>(*std::move(options));
}

}  // namespace

Speculation::Turn BatchGenerator::turn(Request& r) {
  return {r.speculation.get(), r.held->sequence, r.reply.left(), r.reply.guide()};
}

BatchGenerator::BatchGenerator(const Model& model, Context& ctx,
                               const BatchGeneratorOptions& options, const Model* draft)
    : model_(model),
      ctx_(ctx),
      options_(checked(model, options)),
      eos_ids_(model.eos_ids()),
      cache_(model.network->kv_shape(options_.kv),
             options_.cache_positions + fork_positions(options_.speculation), ctx.shared_device()),
      store_(open_store(options_.store, cache_.storage())),
      prefixes_(cache_, options_.keep, store_.get()),
      speculation_(options_.speculation, model, draft, ctx, cache_, options_.cache_positions,
                   options_.kv) {}

BatchGenerator::~BatchGenerator() = default;

int64_t BatchGenerator::submit(std::span<const TokenId> prompt, const GenerateOptions& options,
                               TokenCallback on_token) {
  check_prompt(model_.config(), prompt, options_.context);
  check_generate_options(model_, options);
  const int64_t room = options_.context - static_cast<int64_t>(prompt.size());
  waiting_.push_back(std::make_unique<Request>(next_, model_, prompt, options, eos_ids_, room,
                                               std::move(on_token)));
  return next_++;
}

BatchGenerator::RequestPtr BatchGenerator::take(int64_t number) {
  const auto take_from = [number](auto& list) -> RequestPtr {
    const auto at = std::ranges::find(list, number, [](const RequestPtr& r) { return r->number; });
    if (at == list.end()) return nullptr;
    RequestPtr found = std::move(*at);
    list.erase(at);
    return found;
  };
  RequestPtr found = take_from(running_);
  return found ? std::move(found) : take_from(waiting_);
}

bool BatchGenerator::cancel(int64_t request) {
  RequestPtr found = take(request);
  if (!found) return false;
  found->reply.result.finish_reason = FinishReason::kCancelled;
  try {
    if (found->writes()) found->reply.finish();
  } catch (...) {
    retire(std::move(found));
    throw;
  }
  retire(std::move(found));
  return true;
}

void BatchGenerator::discard(int64_t request) {
  const RequestPtr found = take(request);
  if (found && found->held) prefixes_.close(*found->held);
  std::erase_if(finished_, [request](const BatchReply& f) { return f.request == request; });
}

std::vector<BatchReply> BatchGenerator::take_finished() {
  return std::exchange(finished_, {});
}

void BatchGenerator::limit_prompt_tokens(int64_t n) {
  if (n < 1 || n > kPrefillChunk) {
    fail<ConfigError>("[batch] a pass was to take {} tokens of prompts. 1 to {} were expected.", n,
                      kPrefillChunk);
  }
  options_.pass_tokens = n;
}

BatchStats BatchGenerator::stats() const {
  BatchStats out = stats_;
  out.cache_positions = cache_.positions();
  out.free_positions = cache_.free_positions();
  out.kept_positions = cache_.idle_positions();
  return out;
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
    if (!try_admit(*waiting_.front())) return;
    running_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
}

/// Gives a request a sequence that begins with what another has in common with it. False if it
/// should wait: for pages, or because its beginning is just being computed by another.
bool BatchGenerator::try_admit(Request& request) {
  const auto tokens = request.history.tokens();
  // The last token always runs: its logits are needed.
  const std::string& salt = request.options.cache_salt;
  const PrefixCache::Match match = prefixes_.find(tokens.first(tokens.size() - 1), salt);
  if (match.later > match.tokens) return false;
  PrefixCache::Entry& entry = prefixes_.open(tokens, match, salt);
  const int64_t needed = std::ssize(tokens) - match.tokens;
  // A page for each to grow: whoever is admitted should not be evicted at once.
  const auto reserve = kPagePositions * (static_cast<int64_t>(running_.size()) + 1);
  while (!running_.empty() && needed + reserve > cache_.free_positions()) {
    if (prefixes_.free_oldest()) continue;
    prefixes_.drop(entry);
    return false;
  }
  request.held = &entry;
  if (!request.writes()) request.watch.restart();
  const int64_t recalled = prefixes_.recall(entry);
  request.cached = match.tokens + recalled;
  if (!request.writes()) request.reply.result.cached_tokens = request.cached;
  stats_.shared_tokens += request.cached;
  stats_.recalled_tokens += recalled;
  return true;
}

/// For those whose first token comes out of the next pass, unless others take its room.
void BatchGenerator::open_speculation() {
  for (const RequestPtr& r : running_) {
    if (r->speculation || std::ssize(r->pending()) > options_.pass_tokens) continue;
    r->speculation = speculation_.open(r->history.tokens(), r->sampler);
  }
}

/// Room for `n` tokens more of the running request at `index`, if need be in place of kept prompts
/// and of younger requests, which have no part in the pass yet.
bool BatchGenerator::make_room(std::size_t index, int64_t n) {
  const SequenceId sequence = running_[index]->held->sequence;
  while (!cache_.has_room(sequence, n)) {
    if (prefixes_.drop_oldest()) continue;
    if (index + 1 == running_.size()) return false;
    evict_youngest();
  }
  return true;
}

void BatchGenerator::evict_youngest() {
  RequestPtr request = std::move(running_.back());
  running_.pop_back();
  prefixes_.drop(*std::exchange(request->held, nullptr));
  request->cached = 0;
  waiting_.push_front(std::move(request));
  ++stats_.evictions;
}

/// Asks for drafts for all replies that decode; returns how many tokens of prompts the pass may
/// take beside them. What is drafted takes their place, but not more than half of it: neither a
/// pass nor a prompt is to take much longer.
int64_t BatchGenerator::draft() {
  std::vector<Speculation::Turn> turns;
  int64_t prompts = 0;
  for (const RequestPtr& r : running_) {
    if (r->decodes()) {
      turns.push_back(turn(*r));
    } else {
      prompts += std::ssize(r->pending());
    }
  }
  const int64_t most_drafted = options_.pass_tokens / 2;
  speculation_.plan(turns, std::ssize(turns) + std::min(prompts, options_.pass_tokens),
                    std::min(most_drafted, kMostCertain));
  int64_t drafted = 0;
  for (const Speculation::Turn& t : turns) drafted += std::ssize(t.sequence->draft().nodes());
  return options_.pass_tokens - std::min(drafted, most_drafted);
}

/// Whoever is older goes first.
void BatchGenerator::plan(Pass& pass) {
  int64_t prompt_room = draft();
  for (std::size_t i = 0; i < running_.size(); ++i) {
    Request& r = *running_[i];
    const auto pending = r.pending();
    const auto size = static_cast<int64_t>(pending.size());
    const int64_t n = size == 1 ? 1 : std::min(size, prompt_room);
    if (n == 0) continue;
    if (!make_room(i, n) && i > 0) {
      evict_youngest();
      break;
    }
    pass.parts.push_back({.request = &r, .tokens = n, .gives_logits = n == size, .draft = {}});
    pass.rows += n;
    if (r.decodes()) {
      while (!DraftRows::has_room(cache_, r.speculation->draft()) && prefixes_.drop_oldest()) {
      }
      if (!DraftRows::has_room(cache_, r.speculation->draft())) r.speculation->choose_none();
      pass.parts.back().draft.emplace(cache_, r.held->sequence, pending[0], r.speculation->draft(),
                                      pass.batch);
      pass.turns.push_back(turn(r));
      continue;
    }
    cache_.append(r.held->sequence, pending.first(static_cast<std::size_t>(n)),
                  n == size ? Logits::kLast : Logits::kNone, pass.batch);
    if (size > 1) prompt_room -= n;
  }
}

/// Leaves the cache as it was before the pass was planned.
void BatchGenerator::undo(Pass& pass) {
  for (Part& part : pass.parts) {
    if (part.draft) part.draft->undo();
    cache_.truncate(part.request->held->sequence, part.request->cached);
  }
}

void BatchGenerator::run(Pass& pass) {
  Stopwatch watch;
  Tensor logits;
  try {
    logits = to_host(model_.network->forward(pass.batch, cache_.storage(), ctx_));
  } catch (...) {
    undo(pass);
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
  for (const int64_t number : done) retire(take(number));
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
  r.held->sequence = rows.keep(node);
  r.cached += std::ssize(came);
  r.speculation->advance(came);
  stats_.reply_tokens += std::ssize(came);
  stats_.drafted_tokens += rows.size() - 1;
  stats_.accepted_tokens += std::ssize(came) - 1;
  return goes_on;
}

bool BatchGenerator::take_token(Request& r, const float* row) {
  const std::span<const float> logits(row, static_cast<std::size_t>(model_.known_ids()));
  const TokenId id = r.reply.choose(r.sampler, logits, r.history, scratch_);
  r.push(id);
  if (r.reply.push(id, logits)) return true;
  r.reply.finish();
  return false;
}

void BatchGenerator::retire(RequestPtr request) {
  if (request->held) prefixes_.close(*request->held);
  if (request->writes()) {
    Generation& result = request->reply.result;
    result.decode_s = request->watch.seconds();
    const SpeculationStats& stats = request->speculation->stats;
    if (speculation_.is_on() || stats.drafted > 0) result.speculation = stats;
    speculation_.learn(result.ids);
  }
  finished_.push_back({request->number, std::move(request->reply.result)});
}

bool BatchGenerator::step() {
  end_cancelled();
  admit();
  open_speculation();
  Pass pass;
  try {
    plan(pass);
  } catch (...) {
    undo(pass);
    throw;
  }
  if (!pass.parts.empty()) run(pass);
  return !running_.empty() || !waiting_.empty();
}

}  // namespace pangu
