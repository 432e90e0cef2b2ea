// SPDX-License-Identifier: Apache-2.0
#include "text/chat/thinking_markers.h"

#include <algorithm>

namespace pangu {
namespace {

/// One row per family of models. The second may be spelled by several tokens.
constexpr ThinkingMarkers kKnownMarkers[] = {{.begin = kPanguThinkBegin, .end = kPanguThinkEnd},
                                             {.begin = "<think>", .end = "</think>"},
                                             {.begin = "[THINK]", .end = "[/THINK]"}};
constexpr const ThinkingMarkers& kSpelledMarkers = kKnownMarkers[1];

constexpr std::string_view kMarkerBlanks = " \t\r\n";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(kMarkerBlanks) == text.npos;
}

/// The tokens that spell a marker within a text.
std::vector<TokenId> spelled_tokens(const Tokenizer& tokenizer, std::string_view marker) {
  auto ids = tokenizer.encode(marker, {.add_bos = false, .add_eos = false, .parse_special = false});
  // SentencePiece puts a blank before the first word of a text, which this is not.
  const auto spelled = std::find_if(ids.begin(), ids.end(),
                                    [&](TokenId id) { return !is_blank(tokenizer.bytes(id)); });
  ids.erase(ids.begin(), spelled);
  return ids;
}

}  // namespace

std::span<const ThinkingMarkers> known_thinking_markers() {
  return kKnownMarkers;
}

ThinkingMarkers thinking_markers(const Tokenizer& tokenizer) {
  for (ThinkingMarkers markers : kKnownMarkers) {
    markers.begin_id = tokenizer.id_of(markers.begin);
    markers.end_id = tokenizer.id_of(markers.end);
    if (markers.begin_id && markers.end_id) return markers;
  }
  return kSpelledMarkers;
}

bool can_think(const Tokenizer& tokenizer) {
  return thinking_markers(tokenizer).are_tokens() ||
         tokenizer.chat_template().find(kSpelledMarkers.end) != std::string::npos;
}

bool opens_thinking(const Tokenizer& tokenizer, const ThinkingMarkers& markers,
                    std::span<const TokenId> prompt) {
  // A marker and its line ends are few tokens, even where each byte is one.
  constexpr std::size_t kMostTokens = 16;
  const auto tail = prompt.last(std::min(prompt.size(), kMostTokens));
  if (!markers.are_tokens()) {
    std::string text = tokenizer.decode(tail, false);
    text.resize(text.find_last_not_of(kMarkerBlanks) + 1);
    return text.ends_with(markers.begin);
  }
  const auto last = std::find_if(tail.rbegin(), tail.rend(),
                                 [&](TokenId id) { return !is_blank(tokenizer.bytes(id)); });
  return last != tail.rend() && *last == *markers.begin_id;
}

std::vector<TokenId> opening_tokens(const Tokenizer& tokenizer, const ThinkingMarkers& markers) {
  return markers.are_tokens() ? std::vector{*markers.begin_id}
                              : spelled_tokens(tokenizer, markers.begin);
}

std::vector<TokenId> closing_tokens(const Tokenizer& tokenizer, const ThinkingMarkers& markers) {
  return markers.are_tokens() ? std::vector{*markers.end_id}
                              : spelled_tokens(tokenizer, markers.end);
}

std::size_t begun_marker(std::string_view text, std::string_view marker) {
  std::size_t n = std::min(text.size(), marker.size() - 1);
  while (n > 0 && !text.ends_with(marker.substr(0, n))) --n;
  return n;
}

}  // namespace pangu
