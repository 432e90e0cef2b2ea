// SPDX-License-Identifier: Apache-2.0
// What models put around their thinking, as texts and as tokens.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pangu/tokenizer.h"

namespace pangu {

/// What openPangu puts around its reasoning.
inline constexpr std::string_view kPanguThinkBegin = "[unused16]", kPanguThinkEnd = "[unused17]";

struct ThinkingMarkers {
  std::string_view begin, end;
  /// Both or none. Without them the markers are spelled by several tokens of text.
  std::optional<TokenId> begin_id = {}, end_id = {};

  bool are_tokens() const { return begin_id.has_value(); }
};

/// Those of all families of models; each without ids.
std::span<const ThinkingMarkers> known_thinking_markers();

/// Those that the vocabulary has as tokens; else <think> and </think>, spelled as text.
ThinkingMarkers thinking_markers(const Tokenizer& tokenizer);

/// Whether the model has a way to think: markers among its tokens, or a chat template that speaks
/// of </think>. It may not make use of it.
bool can_think(const Tokenizer& tokenizer);

/// Whether a prompt ends with the marker that begins thinking and nothing but blanks behind it.
bool opens_thinking(const Tokenizer& tokenizer, const ThinkingMarkers& markers,
                    std::span<const TokenId> prompt);

/// The tokens that begin thinking and those that end it: one, or those that spell the marker.
std::vector<TokenId> opening_tokens(const Tokenizer& tokenizer, const ThinkingMarkers& markers);
std::vector<TokenId> closing_tokens(const Tokenizer& tokenizer, const ThinkingMarkers& markers);

/// Length of the longest end of `text` that a longer text may complete to `marker`.
std::size_t begun_marker(std::string_view text, std::string_view marker);

}  // namespace pangu
