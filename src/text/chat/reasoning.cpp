// SPDX-License-Identifier: Apache-2.0
#include "text/chat/reasoning.h"

#include <algorithm>
#include <utility>

namespace pangu {
namespace {

struct Markers {
  std::string_view begin, end;
};

/// One row per family of models. The second may be spelled by several tokens.
constexpr Markers kMarkers[] = {
    {kPanguThinkBegin, kPanguThinkEnd}, {"<think>", "</think>"}, {"[THINK]", "[/THINK]"}};
constexpr const Markers& kSpelled = kMarkers[1];

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view without_first_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

std::string_view without_last_blanks(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// What follows a marker, from its first line on that is not blank. Behind a line end, the blanks
/// in front are indentation, as a body of code needs it.
std::string_view after_marker(std::string_view text) {
  const std::string_view shown = without_first_blanks(text);
  const std::string_view blanks = text.substr(0, text.size() - shown.size());
  const std::size_t line_end = blanks.rfind('\n');
  return shown.empty() || line_end == blanks.npos ? shown : text.substr(line_end + 1);
}

/// Length of the longest end of `text` that a longer text may complete to `marker`.
std::size_t begun(std::string_view text, std::string_view marker) {
  std::size_t n = std::min(text.size(), marker.size() - 1);
  while (n > 0 && !text.ends_with(marker.substr(0, n))) --n;
  return n;
}

/// Whether a prompt ends with the marker and nothing but blanks behind it.
bool opens_reasoning(const Tokenizer& tokenizer, std::span<const TokenId> prompt,
                     std::optional<TokenId> begin) {
  // A marker and its line ends are few tokens, even where each byte is one.
  constexpr std::size_t kMostTokens = 16;
  const auto tail = prompt.last(std::min(prompt.size(), kMostTokens));
  if (!begin) {
    const std::string text = tokenizer.decode(tail, false);
    return without_last_blanks(text).ends_with(kSpelled.begin);
  }
  const auto last = std::find_if(tail.rbegin(), tail.rend(), [&](TokenId id) {
    return !without_first_blanks(tokenizer.bytes(id)).empty();
  });
  return last != tail.rend() && *last == *begin;
}

}  // namespace

ReplyParts split_reasoning(std::string_view text) {
  const std::string_view shown = without_first_blanks(text);
  for (const Markers& m : kMarkers) {
    if (!shown.starts_with(m.begin)) continue;
    const std::string_view inner = shown.substr(m.begin.size());
    const std::size_t end = inner.find(m.end);
    const std::string_view reasoning =
        without_last_blanks(without_first_blanks(inner.substr(0, end)));
    if (end == inner.npos) return {std::string(reasoning), ""};
    return {std::string(reasoning), std::string(after_marker(inner.substr(end + m.end.size())))};
  }
  return {"", std::string(text)};
}

ReasoningSplitter::ReasoningSplitter(const Tokenizer& tokenizer, std::span<const TokenId> prompt) {
  for (const Markers& m : kMarkers) {
    begin_ = tokenizer.id_of(m.begin);
    end_ = tokenizer.id_of(m.end);
    if (begin_ && end_) break;
  }
  if (!begin_ || !end_) begin_ = end_ = std::nullopt;
  const bool opened = opens_reasoning(tokenizer, prompt, begin_);
  part_ = opened ? Part::kReasoning : begin_ ? Part::kAnswer : Part::kStart;
  after_marker_ = opened;
}

bool ReasoningSplitter::is_marker(TokenId id) const {
  return id == begin_ || id == end_;
}

void ReasoningSplitter::turn(TokenId marker) {
  part_ = marker == begin_ ? Part::kReasoning : Part::kAnswer;
  after_marker_ = true;
}

ReplyParts ReasoningSplitter::take(std::string_view text) {
  held_ += text;
  if (part_ == Part::kStart) return take_start();
  return part_ == Part::kReasoning ? take_reasoning() : take_answer();
}

ReplyParts ReasoningSplitter::take_start() {
  const std::string_view shown = without_first_blanks(held_);
  if (shown.starts_with(kSpelled.begin)) {
    held_.erase(0, held_.size() - shown.size() + kSpelled.begin.size());
    part_ = Part::kReasoning;
    after_marker_ = true;
    return take_reasoning();
  }
  if (kSpelled.begin.starts_with(shown)) return {};  // may become one
  part_ = Part::kAnswer;
  return take_answer();
}

ReplyParts ReasoningSplitter::take_reasoning() {
  const std::size_t end = begin_ ? held_.npos : held_.find(kSpelled.end);
  std::string_view text = std::string_view(held_).substr(0, end);
  if (end == held_.npos && !begin_) text.remove_suffix(begun(text, kSpelled.end));
  text = without_last_blanks(text);  // the end of reasoning has none
  const std::string_view shown = after_marker_ ? without_first_blanks(text) : text;
  if (!shown.empty()) after_marker_ = false;
  ReplyParts out{.reasoning = std::string(shown), .answer = {}};
  if (end == held_.npos) {
    held_.erase(0, text.size());
    return out;
  }
  held_.erase(0, end + kSpelled.end.size());
  part_ = Part::kAnswer;
  after_marker_ = true;
  out.answer = take_answer().answer;
  return out;
}

ReplyParts ReasoningSplitter::take_answer() {
  if (!after_marker_) return {.reasoning = {}, .answer = std::exchange(held_, {})};
  const std::string_view shown = after_marker(held_);
  if (shown.empty()) return {};  // what comes tells whether the blanks are indentation
  ReplyParts out{.reasoning = {}, .answer = std::string(shown)};
  held_.clear();
  after_marker_ = false;
  return out;
}

ReplyParts ReasoningSplitter::flush() {
  if (part_ != Part::kReasoning) {
    ReplyParts rest = take_answer();
    held_.clear();  // blanks that nothing followed
    return rest;
  }
  const std::string text(without_last_blanks(std::exchange(held_, {})));
  return {.reasoning = after_marker_ ? std::string(without_first_blanks(text)) : text,
          .answer = {}};
}

}  // namespace pangu
