// SPDX-License-Identifier: Apache-2.0
// Sequences: ECMA-48 (ESC [ parameters final); bracketed paste: xterm's control sequences, mode
// 2004.
#include "apps/run/line_editor.h"

#include <algorithm>
#include <utility>

#include "base/escaped.h"
#include "base/utf8.h"

namespace pangu::app {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kPasteBegin = "\x1b[200~", kPasteEnd = "\x1b[201~";
constexpr std::size_t kLongestSequence = 32;

/// As the terminal is shown it: a tab has a width that is known, and no control character is
/// obeyed.
std::string visible(std::string_view text) {
  std::string out;
  for (const char c : escaped(text, "\n\t"))
    out += c == '\t' ? std::string("    ") : std::string(1, c);
  return out;
}

bool is_wide(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kWide[] = {
      {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
      {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
      {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
  return std::ranges::any_of(kWide, [c](const auto& r) { return c >= r.first && c <= r.second; });
}

bool is_mark(char32_t c) {
  return (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

bool is_whole_sequence(std::string_view s) {
  if (s.size() < 3) return false;
  return s[1] == 'O' || (s.back() >= 0x40 && s.back() <= 0x7E);
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

}  // namespace

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    n += is_mark(c) ? 0 : is_wide(c) ? 2 : 1;
  }
  return n;
}

std::string LineEditor::message() {
  shown_ = 0;
  escape_.clear();
  pasting_ = false;
  return std::exchange(text_, {});
}

LineEditor::Event LineEditor::take(char byte, std::string& echo) {
  const bool in_sequence = byte == kEscape || !escape_.empty();
  return in_sequence ? take_escape(byte, echo) : take_key(byte, echo);
}

LineEditor::Event LineEditor::take_escape(char byte, std::string& echo) {
  if (byte == kEscape && !escape_.empty()) {
    if (pasting_) add(escape_, echo);
    escape_.clear();
  }
  escape_ += byte;
  if (escape_.size() == 2 && byte != '[' && byte != 'O') {
    // The key Escape, or Alt with another: the other one counts.
    const std::string both = std::exchange(escape_, {});
    if (!pasting_) return take_key(byte, echo);
    add(both, echo);
    return Event::kMore;
  }
  if (!is_whole_sequence(escape_) && escape_.size() < kLongestSequence) return Event::kMore;
  const std::string sequence = std::exchange(escape_, {});
  if (sequence == kPasteEnd) {
    pasting_ = false;
  } else if (pasting_) {
    add(sequence, echo);
  } else if (sequence == kPasteBegin) {
    pasting_ = true;
  }
  return Event::kMore;
}

LineEditor::Event LineEditor::take_key(char byte, std::string& echo) {
  if (pasting_) {
    add({&byte, 1}, echo);
  } else if (byte == '\n' || byte == '\r') {
    echo += '\n';
    return Event::kMessage;
  } else if (byte == keys_.end) {
    if (text_.empty()) return Event::kEnd;
    echo += '\a';
  } else if (byte == keys_.erase || byte == '\b' || byte == '\x7f') {
    erase_characters(last_character(), echo);
  } else if (byte == keys_.erase_word) {
    erase_characters(last_word(), echo);
  } else if (byte == keys_.erase_all) {
    erase_characters(0, echo);
  } else if (static_cast<unsigned char>(byte) >= 0x20 || byte == '\t') {
    add({&byte, 1}, echo);
  }
  return Event::kMore;
}

void LineEditor::add(std::string_view bytes, std::string& echo) {
  text_ += bytes;
  const std::string_view rest = std::string_view(text_).substr(shown_);
  const std::size_t whole = utf8::complete_prefix(rest);
  echo += visible(rest.substr(0, whole));
  shown_ += whole;
}

void LineEditor::erase_characters(std::size_t from, std::string& echo) {
  const std::string gone =
      visible(std::string_view(text_).substr(from, shown_ - std::min(from, shown_)));
  text_.erase(from);
  shown_ = std::min(shown_, text_.size());
  if (gone.find('\n') != std::string::npos) {
    // A terminal does not step back over the end of a line: all of it is shown anew.
    echo += "\n" + visible(text_);
    return;
  }
  for (std::size_t n = columns(gone); n > 0; --n) echo += "\b \b";
}

std::size_t LineEditor::last_character() const {
  std::size_t at = text_.empty() ? 0 : text_.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) --at;
  return at;
}

std::size_t LineEditor::last_word() const {
  std::size_t at = text_.size();
  while (at > 0 && is_blank(text_[at - 1])) --at;
  while (at > 0 && !is_blank(text_[at - 1])) --at;
  return at;
}

}  // namespace pangu::app
