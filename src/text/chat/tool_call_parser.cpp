// SPDX-License-Identifier: Apache-2.0
// Everything is decided byte by byte, so pieces make no difference. Markers and brackets are ASCII:
// text is never cut within a character.
#include "text/chat/tool_call_parser.h"

#include <utility>

#include "text/chat/thinking_markers.h"

namespace pangu {
namespace {

constexpr std::string_view kCallBlanks = " \t\r\n";

bool is_blank_byte(char c) {
  return kCallBlanks.find(c) != kCallBlanks.npos;
}

bool is_all_blank(std::string_view text) {
  return text.find_first_not_of(kCallBlanks) == text.npos;
}

}  // namespace

ToolCallParser::ToolCallParser(const ToolCallFormat& format, std::uint64_t salt)
    : format_(format), writer_(salt) {}

bool ToolCallParser::is_marker(TokenId id) const {
  return id == format_.begin_id || id == format_.end_id;
}

ToolCallParts ToolCallParser::taken() {
  return {.text = std::exchange(text_, {}), .calls = writer_.take()};
}

ToolCallParts ToolCallParser::take(std::string_view piece) {
  for (const char c : piece) push(c);
  return taken();
}

ToolCallParts ToolCallParser::turn(TokenId marker) {
  if (marker == format_.begin_id) {
    if (block_) end_block();
    held_ += format_.begin;
    begin_block(true);
    return taken();
  }
  held_ += format_.end;
  if (block_) {
    end_block();
  } else {
    release_text();
  }
  return taken();
}

ToolCallParts ToolCallParser::flush() {
  const bool is_text =
      block_ ? block_->is_open() || !block_->is_settled() : !after_block_ || !is_all_blank(held_);
  if (block_) block_->cut(writer_);
  block_.reset();
  end_bytes_ = 0;
  if (is_text && !held_.empty()) release_text();
  held_.clear();
  return taken();
}

void ToolCallParser::push(char c) {
  if (block_) {
    push_block(c);
  } else {
    push_text(c);
  }
}

void ToolCallParser::release_text() {
  text_ += std::exchange(held_, {});
  at_start_ = after_block_ = false;
}

void ToolCallParser::push_text(char c) {
  // What is held are blanks, and what may be a marker behind them: many blanks are not looked
  // through for each of them.
  const bool goes_on = is_blank_byte(c) && (held_.empty() || is_blank_byte(held_.back()));
  held_ += c;
  if (goes_on) return;
  if (c == '{' && begins_without_marker()) {
    begin_block(false);
    block_->push(c, writer_);
    return;
  }
  const bool is_spelled = !format_.are_tokens();
  if (is_spelled && held_.ends_with(format_.begin)) return begin_block(true);
  const std::size_t begun = is_spelled ? begun_marker(held_, format_.begin) : 0;
  const std::string_view shown = std::string_view(held_).substr(0, held_.size() - begun);
  const std::size_t known = shown.find_last_not_of(kCallBlanks) + 1;
  if (known == 0) return;
  const std::string rest = held_.substr(known);
  held_.resize(known);
  release_text();
  held_ = rest;
}

bool ToolCallParser::begins_without_marker() const {
  const std::string_view before = std::string_view(held_).substr(0, held_.size() - 1);
  return format_.begin_is_optional && at_start_ && is_all_blank(before);
}

void ToolCallParser::begin_block(bool with_marker) {
  block_.emplace(ToolCallBlock::Options{.needs_arguments = !with_marker,
                                        .may_be_named = format_.may_be_named});
  at_start_ = false;
}

void ToolCallParser::push_block(char c) {
  held_ += c;
  const bool may_end = !format_.are_tokens() && !format_.end.empty() && !block_->in_string();
  if (end_bytes_ > 0 || (may_end && c == format_.end.front())) return push_end_marker(c);
  if (!block_->push(c, writer_)) return leave_block(1);
  // Blanks behind a call are text if text follows them.
  if (block_->is_open() || (block_->is_settled() && !is_blank_byte(c))) held_.clear();
}

void ToolCallParser::push_end_marker(char c) {
  if (c != format_.end[end_bytes_]) return leave_block(end_bytes_ + 1);
  if (++end_bytes_ == format_.end.size()) end_block();
}

void ToolCallParser::end_block() {
  const bool is_call = block_->finish(writer_);
  block_.reset();
  end_bytes_ = 0;
  if (is_call) {
    held_.clear();
    after_block_ = true;
  } else {
    release_text();
  }
}

void ToolCallParser::leave_block(std::size_t bytes) {
  // Behind a call that was given out all that is held may be text, or begin the next one.
  if (block_->is_settled()) bytes = held_.size();
  const std::string again = held_.substr(held_.size() - bytes);
  held_.resize(held_.size() - bytes);
  after_block_ = block_->has_calls();
  block_.reset();
  end_bytes_ = 0;
  if (!held_.empty()) release_text();
  for (const char c : again) push(c);
}

}  // namespace pangu
