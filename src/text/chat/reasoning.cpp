// SPDX-License-Identifier: Apache-2.0
#include "text/chat/reasoning.h"

#include <algorithm>
#include <utility>

namespace pangu {
namespace {

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

}  // namespace

ReplyParts split_reasoning(std::string_view text) {
  const std::string_view shown = without_first_blanks(text);
  for (const ThinkingMarkers& m : known_thinking_markers()) {
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

ReasoningSplitter::ReasoningSplitter(const Tokenizer& tokenizer, std::span<const TokenId> prompt)
    : markers_(thinking_markers(tokenizer)) {
  const bool opened = opens_thinking(tokenizer, markers_, prompt);
  part_ = opened ? Part::kReasoning : markers_.are_tokens() ? Part::kAnswer : Part::kStart;
  after_marker_ = opened;
}

bool ReasoningSplitter::is_marker(TokenId id) const {
  return id == markers_.begin_id || id == markers_.end_id;
}

void ReasoningSplitter::turn(TokenId marker) {
  part_ = marker == markers_.begin_id ? Part::kReasoning : Part::kAnswer;
  after_marker_ = true;
}

ReplyParts ReasoningSplitter::take(std::string_view text) {
  held_ += text;
  if (part_ == Part::kStart) return take_start();
  return part_ == Part::kReasoning ? take_reasoning() : take_answer();
}

ReplyParts ReasoningSplitter::take_start() {
  const std::string_view shown = without_first_blanks(held_);
  if (shown.starts_with(markers_.begin)) {
    held_.erase(0, held_.size() - shown.size() + markers_.begin.size());
    part_ = Part::kReasoning;
    after_marker_ = true;
    return take_reasoning();
  }
  if (markers_.begin.starts_with(shown)) return {};  // may become one
  part_ = Part::kAnswer;
  return take_answer();
}

ReplyParts ReasoningSplitter::take_reasoning() {
  const std::size_t end = markers_.are_tokens() ? held_.npos : held_.find(markers_.end);
  std::string_view text = std::string_view(held_).substr(0, end);
  if (end == held_.npos && !markers_.are_tokens())
    text.remove_suffix(begun_marker(text, markers_.end));
  text = without_last_blanks(text);  // the end of reasoning has none
  const std::string_view shown = after_marker_ ? without_first_blanks(text) : text;
  if (!shown.empty()) after_marker_ = false;
  ReplyParts out{.reasoning = std::string(shown), .answer = {}};
  if (end == held_.npos) {
    held_.erase(0, text.size());
    return out;
  }
  held_.erase(0, end + markers_.end.size());
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
