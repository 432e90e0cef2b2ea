// SPDX-License-Identifier: Apache-2.0
// The kinds of tasks behind evaluate().
#pragma once

#include "eval/code_tests.h"
#include "eval/eval.h"

namespace pangu::eval {

/// Positions of the cache at most: beyond some passes' worth of rows, more at once gains nothing.
inline constexpr std::int64_t kCachePositions = 8192;

/// A model, what it runs on, and what is asked.
struct Setting {
  const Model& model;
  Context& ctx;
  const EvalOptions& options;
  const EvalHooks& hooks;
  const Model* draft;  ///< may be null

  /// Tokens that prompt and reply may have together.
  std::int64_t context() const;
  /// Whether prompts go through the chat template, where `task_default` says what is usual.
  bool chat(bool task_default) const;
};

/// Perplexity and bits per byte of texts: every token is scored once, in a window that gives it at
/// least window - stride tokens of context where there are as many.
EvalResult run_perplexity(const Setting& s, const std::vector<TextRow>& rows);

/// Which choice is the likeliest continuation, and which per byte.
EvalResult run_choices(const Setting& s, const std::vector<ChoiceRow>& rows,
                       const std::vector<ChoiceRow>& shots);

/// Replies that are compared with an answer or tested.
EvalResult run_replies(const Setting& s, const EvalData& data, const Sandbox* sandbox);

/// Where a text of `context` tokens and a longer one with the same beginning part: the first token
/// of what follows.
std::int64_t split_at(std::span<const TokenId> context, std::span<const TokenId> whole);

/// The length of a choice by which acc_norm divides: its characters, without white space in front,
/// as lm-evaluation-harness has choices without the blank that joins them to the prompt. All of
/// them for a choice of nothing else.
std::int64_t choice_length(std::string_view choice);

/// Writes the verdict on an item's code into it.
void set_verdict(EvalItem& item, const CodeVerdict& verdict);

/// Adds an item to a result and reports progress.
void add_item(EvalResult& result, EvalItem item, const EvalHooks& hooks);

}  // namespace pangu::eval
