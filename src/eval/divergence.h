// SPDX-License-Identifier: Apache-2.0
// How far a model is from a reference on texts: the Kullback-Leibler divergence of its next-token
// distributions, and what that does to the tokens that follow. docs/eval.md has the formulas.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "eval/eval.h"
#include "eval/reference.h"
#include "eval/result.h"

namespace pangu::eval {

struct DivergenceOptions {
  std::int64_t batch = 16;  ///< passages at the same time; changes no result, bit for bit
  KvFormat kv = KvFormat::kBF16;
  /// Ends the work after the first text where the 95 % interval of the mean divergence so far lies
  /// above this, kMinTextsToStop texts at the earliest. Looking after every text errs more often
  /// than one look does: it is for putting variants aside that are clearly too far off.
  std::optional<double> stop_above = {};
};

/// Intervals of fewer texts than this say too little to stop for.
inline constexpr std::int64_t kMinTextsToStop = 8;

/// Runs a model over the texts of a reference. One item a text, with the divergence at each of its
/// positions as `values`, in order; metrics "kl" (mean divergence in nats; the score), "same_top"
/// (share of positions whose likeliest token is the same), "logprob_change" (mean of log q - log p
/// of the token that follows), "perplexity_ratio" (e to the power of minus that),
/// "rms_prob_change" (root of the mean of (q - p)^2 of that token), "perplexity" and
/// "reference_perplexity". Intervals take texts as the independent draws. A text that was not
/// finished when the work was stopped leaves no item.
/// Throws as Reference::check_vocabulary() does; NumericError for logits that are not finite;
/// ConfigError or OutOfMemory for a context that the model or the machine cannot have.
EvalResult compare_with_reference(const Reference& reference, const Model& model, Context& ctx,
                                  const DivergenceOptions& options, const EvalHooks& hooks = {});

/// Texts as the kl task looks at them: windows as of perplexity, at most `options.positions`
/// positions in the order of the file. Of a file with a single text each window is a text of its
/// own. Throws InputError if there is nothing to compare.
std::vector<ReferenceText> reference_texts(const Model& model, const EvalOptions& options,
                                           const std::vector<TextRow>& rows);

/// Records `model`, with keys and values in the format of the arithmetic, for that task.
Reference record_reference(const Model& model, Context& ctx, const EvalOptions& options,
                           const EvalData& data, const ReferenceHooks& hooks = {});

/// The kl task: compares with such a reference, made with the same options.
EvalResult evaluate_divergence(const Reference& reference, const Model& model, Context& ctx,
                               const EvalOptions& options, const EvalHooks& hooks = {});

}  // namespace pangu::eval
