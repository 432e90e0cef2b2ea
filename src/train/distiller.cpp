// SPDX-License-Identifier: Apache-2.0
#include "train/distiller.h"

#include <algorithm>
#include <vector>

#include "ops/loss.h"
#include "ops/tape.h"

namespace pangu {
namespace {

std::int64_t target_count(const TokenBatch& batch, std::size_t d) {
  const auto [first, end] = document_range(batch, d);
  std::int64_t n = 0;
  for (std::size_t t = first; t < end; ++t) n += batch.targets[t] != kNoTarget ? 1 : 0;
  return n;
}

/// Adds a document of one batch to another.
void append_document(const TokenBatch& from, std::size_t d, TokenBatch& to) {
  const auto [first, end] = document_range(from, d);
  const auto copy = [first = first, end = end](const auto& source, auto& target) {
    target.insert(target.end(), source.begin() + static_cast<std::ptrdiff_t>(first),
                  source.begin() + static_cast<std::ptrdiff_t>(end));
  };
  to.document_starts.push_back(static_cast<std::int32_t>(to.size()));
  copy(from.tokens, to.tokens);
  copy(from.positions, to.positions);
  copy(from.targets, to.targets);
}

/// Rows [first, first + n) of what a teacher says.
ops::TopTokens rows_of(const ops::TopTokens& top, std::int64_t first, std::int64_t n) {
  const auto part = [](const auto& values, std::int64_t begin, std::int64_t count) {
    return std::decay_t<decltype(values)>(values.begin() + begin, values.begin() + begin + count);
  };
  return {.k = top.k,
          .ids = part(top.ids, first * top.k, n * top.k),
          .log_probs = part(top.log_probs, first * top.k, n * top.k),
          .log_others = part(top.log_others, first, n)};
}

void append(const ops::TopTokens& from, ops::TopTokens& to) {
  to.ids.insert(to.ids.end(), from.ids.begin(), from.ids.end());
  to.log_probs.insert(to.log_probs.end(), from.log_probs.begin(), from.log_probs.end());
  to.log_others.insert(to.log_others.end(), from.log_others.begin(), from.log_others.end());
}

}  // namespace

Distiller::Distiller(const DistillOptions& options, TeacherModel& teacher, Context& ctx)
    : options_(options), teacher_(teacher), ctx_(ctx) {
  if (!options_.cache) return;
  const std::int64_t shared = teacher_.shared_ids();
  const std::int64_t vocabulary = shared > 0 ? shared : teacher_.config().vocab_size;
  options_.top_k = std::min(options_.top_k, vocabulary);
  cache_ = std::make_unique<TeacherCache>(
      *options_.cache, TeacherCacheKind{.teacher = teacher_.digest(),
                                        .dtype = ctx.dtype(),
                                        .temperature = double{options_.mix.temperature},
                                        .top_k = options_.top_k,
                                        .vocabulary = vocabulary});
}

TeacherOutputs Distiller::teacher_outputs(const TokenBatch& batch, const DocumentRows& rows) {
  const TapeScope off(ctx_, nullptr);
  if (cache_) return {.hidden = {}, .top = cached_top_tokens(batch)};
  documents_run_ += std::ssize(batch.document_starts);
  return {.hidden = teacher_.hidden_states(rows.batch, ctx_), .top = {}};
}

ops::TopTokens Distiller::cached_top_tokens(const TokenBatch& batch) {
  std::vector<RecordKey> keys;
  for (std::size_t d = 0; d < batch.document_starts.size(); ++d) {
    keys.push_back(cache_->key_of(batch, d));
  }
  run_missing(batch, keys);
  ops::TopTokens top{.k = options_.top_k, .ids = {}, .log_probs = {}, .log_others = {}};
  for (std::size_t d = 0; d < keys.size(); ++d) {
    if (const std::int64_t n = target_count(batch, d); n > 0) append(cache_->read(keys[d], n), top);
  }
  return top;
}

void Distiller::run_missing(const TokenBatch& batch, const std::vector<RecordKey>& keys) {
  TokenBatch missing;
  std::vector<std::size_t> documents;
  for (std::size_t d = 0; d < keys.size(); ++d) {
    if (target_count(batch, d) == 0) continue;
    if (cache_->contains(keys[d])) {
      ++documents_cached_;
    } else {
      documents.push_back(d);
      append_document(batch, d, missing);
    }
  }
  if (documents.empty()) return;
  documents_run_ += std::ssize(documents);
  const Tensor hidden = teacher_.hidden_states(DocumentRows(missing).batch, ctx_);
  const ops::TopTokens top = ops::top_tokens({hidden, teacher_.head(), teacher_.shared_ids()},
                                             options_.top_k, options_.mix.temperature, ctx_);
  std::int64_t first = 0;
  for (const std::size_t d : documents) {
    const std::int64_t n = target_count(batch, d);
    cache_->add(keys[d], rows_of(top, first, n));
    first += n;
  }
}

double Distiller::loss(const TeacherOutputs& outputs, const ops::Student& student, float weight) {
  const ops::DistillMix& mix = options_.mix;
  double sum = 0;
  if (options_.hidden_weight > 0) {
    const auto part = static_cast<float>(options_.hidden_weight);
    sum += options_.hidden_weight *
           ops::mean_squared_difference(student.hidden, outputs.hidden, weight * part, ctx_);
  }
  if (outputs.top) return sum + ops::distill(student, *outputs.top, mix, weight, ctx_);
  if (mix.kl > 0) {
    return sum + ops::distill(student, {outputs.hidden, teacher_.head(), teacher_.shared_ids()},
                              mix, weight, ctx_);
  }
  if (mix.ce > 0) {  // the teacher's logits would be made for nothing
    sum += double{mix.ce} *
           ops::cross_entropy(student.hidden, student.head, student.targets, weight * mix.ce, ctx_);
  }
  return sum;
}

}  // namespace pangu
