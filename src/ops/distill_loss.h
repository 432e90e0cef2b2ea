// SPDX-License-Identifier: Apache-2.0
// Losses of a student that learns from a teacher, from the hidden states that enter their output
// heads. As in ops/loss.h, the logits of a whole batch never exist.
#pragma once

#include <span>
#include <vector>

#include "kernels/distill_loss/distill_loss.h"
#include "ops/linear.h"
#include "pangu/token.h"

namespace pangu::ops {

using kernels::DistillMix;

/// The model that a student learns from; its head may have another width, but the same vocabulary.
struct Teacher {
  const Tensor& hidden;  ///< [R, E']
  const Linear& head;
  /// Where one of the heads has more rows, which are padding: ids below this one mean the same to
  /// both. The teacher's distribution is then that of these ids alone. 0: all ids of both heads.
  int64_t shared = 0;

  /// How many ids the distribution has.
  int64_t ids() const { return shared > 0 ? shared : head.n_out(); }
};

/// The k likeliest next tokens of each row at a temperature, and what all others have together.
struct TopTokens {
  int64_t k = 0;
  std::vector<TokenId> ids;       ///< [R, k], rising in each row
  std::vector<float> log_probs;   ///< [R, k]
  std::vector<float> log_others;  ///< [R]; -inf where k is the whole vocabulary

  int64_t rows() const { return std::ssize(log_others); }
};

/// A student's rows and what is wanted of them.
struct Student {
  const Tensor& hidden;  ///< f32 or bf16 [R, E]
  const Linear& head;
  std::span<const TokenId> targets;  ///< [R], the true tokens
};

/// Sum over rows of mix.kl t^2 KL(softmax(teacher / t) || softmax(student / t)) + mix.ce
/// -log softmax(student)[target]. With a tape, adds `weight` times its gradients to those of the
/// student's hidden states and head; the teacher gets none.
/// Throws ShapeError if rows differ, or vocabularies without teacher.shared to say what of them
/// counts; InputError for a target outside the vocabulary, ConfigError unless the temperature is
/// positive.
/// Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531.
double distill(const Student& student, const Teacher& teacher, const DistillMix& mix, float weight,
               Context& ctx);
/// The same with what is known of a teacher at mix.temperature: KL over its k likeliest tokens and
/// all others as one. Throws InputError for ids outside the vocabulary, too.
double distill(const Student& student, const TopTokens& teacher, const DistillMix& mix,
               float weight, Context& ctx);

/// The k likeliest tokens of every row of a teacher; of equals the one with the lower id.
/// Throws ShapeError unless k is 1 to teacher.ids(), NumericError for logits that are no numbers.
TopTokens top_tokens(const Teacher& teacher, int64_t k, float temperature, Context& ctx);

/// Sum over rows of the mean over elements of (student - teacher)^2; both f32 or bf16 [R, E]. With
/// a tape, adds `weight` times its gradient to that of the student's hidden states.
/// Throws ShapeError if the shapes differ.
double mean_squared_difference(const Tensor& student, const Tensor& teacher, float weight,
                               Context& ctx);

}  // namespace pangu::ops
