// SPDX-License-Identifier: Apache-2.0
// Texts as windows of tokens: windows slide over a text by the stride, and what a window scores is
// what the one before did not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "eval/eval.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {

struct Windows {
  std::int64_t size, stride;
};

/// As the options say: by default the context (theirs or the model's), at most 2048 tokens, and
/// half of it. Throws ConfigError for a stride beyond the window, which would leave tokens out.
Windows windows_of(const Model& model, const EvalOptions& options);

/// A text as tokens without special ones, behind a beginning-of-text token, or without one an
/// end-of-text token, so that every token of the text has one before it. Throws ConfigError for a
/// model without either, InputError for text that is no UTF-8.
std::vector<TokenId> tokens_of_text(const Model& model, std::string_view text);

/// The windows that score every token but the first of `ids` once; none if there is no other.
std::vector<ScoredText> cut_windows(std::span<const TokenId> ids, const Windows& windows);

}  // namespace pangu::eval
