// SPDX-License-Identifier: Apache-2.0
#include "text/chat/tool_call_block.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace pangu {
namespace {

constexpr std::size_t kMostNameBytes = 256;

bool is_call_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Names of tools, those of MCP servers included; nothing that begins a marker or JSON.
bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
}

/// The text of a JSON string, given without its quotes; none if it is malformed.
std::optional<std::string> unescaped(std::string_view raw) {
  const auto json = nlohmann::json::parse('"' + std::string(raw) + '"', nullptr, false);
  if (!json.is_string()) return std::nullopt;
  return json.get<std::string>();
}

}  // namespace

bool ToolCallBlock::go(At next) {
  at_ = next;
  return true;
}

bool ToolCallBlock::push(char c, ToolCallWriter& out) {
  switch (at_) {
    case At::kName:
      return push_name(c);
    case At::kKeyText:
      return push_key(c);
    case At::kString:
      return push_string(c, out);
    case At::kNull:
      return push_null(c, out);
    case At::kArguments:
      return push_arguments(c, out);
    default:
      break;
  }
  if (is_call_blank(c)) return true;
  switch (at_) {
    case At::kStart:
      return push_start(c);
    case At::kNamedArguments:
      return c == '{' && begin_arguments(out);
    case At::kItem:
      return push_item(c);
    case At::kKey:
      raw_.clear();
      return c == '"' && go(At::kKeyText);
    case At::kColon:
      return c == ':' && go(At::kValue);
    case At::kValue:
      return push_value(c, out);
    case At::kAfterValue:
      return push_after_value(c, out);
    case At::kAfterItem:
      return push_after_item(c);
    default:
      return c == '}' || c == ']';  // behind a list: closed once more
  }
}

bool ToolCallBlock::push_start(char c) {
  if (c == '[') {
    in_list_ = true;
    return go(At::kItem);
  }
  if (options_.may_be_named && is_name_byte(c)) {
    is_named_ = true;
    raw_ = c;
    return go(At::kName);
  }
  return push_item(c);
}

bool ToolCallBlock::push_item(char c) {
  if (c == ']' && in_list_ && has_calls()) return go(At::kEnd);
  return c == '{' && begin_object();
}

bool ToolCallBlock::begin_object() {
  name_.clear();
  early_.clear();
  has_arguments_ = started_ = false;
  return go(At::kKey);
}

bool ToolCallBlock::push_name(char c) {
  if (c == '|') {
    name_ = std::exchange(raw_, {});
    return go(At::kNamedArguments);
  }
  if (!is_name_byte(c) || raw_.size() == kMostNameBytes) return false;
  raw_ += c;
  return true;
}

bool ToolCallBlock::push_key(char c) {
  constexpr std::size_t kLongestKey = std::string_view("parameters").size();
  if (c == '"') return take_key();
  if (c < 'a' || c > 'z' || raw_.size() == kLongestKey) return false;
  raw_ += c;
  return true;
}

bool ToolCallBlock::take_key() {
  if (raw_ == "name" && name_.empty()) {
    key_ = Key::kName;
  } else if (raw_ == "type") {
    key_ = Key::kType;
  } else if ((raw_ == "arguments" || raw_ == "parameters") && !has_arguments_) {
    key_ = Key::kArguments;
  } else {
    return false;
  }
  return go(At::kColon);
}

bool ToolCallBlock::push_value(char c, ToolCallWriter& out) {
  raw_.clear();
  if (c == '"') return go(At::kString);
  if (key_ != Key::kArguments) return false;
  if (c == '{') return begin_arguments(out);
  raw_ = c;
  return c == 'n' && go(At::kNull);
}

bool ToolCallBlock::push_string(char c, ToolCallWriter& out) {
  if (c == '"' && !escaped_) return take_string(out);
  escaped_ = c == '\\' && !escaped_;
  raw_ += c;
  // A name has six bytes for each of its own at most: \u0061.
  return key_ == Key::kArguments || raw_.size() <= 6 * kMostNameBytes;
}

bool ToolCallBlock::take_string(ToolCallWriter& out) {
  const auto text = unescaped(raw_);
  if (!text) return false;
  at_ = At::kAfterValue;
  if (key_ == Key::kType) return *text == "function";
  if (key_ == Key::kArguments) {
    const auto arguments = json_object_in(*text);
    if (arguments) take_arguments(*arguments, out);
    return arguments.has_value();
  }
  if (text->empty() || text->size() > kMostNameBytes || !std::ranges::all_of(*text, is_name_byte)) {
    return false;
  }
  take_name(*text, out);
  return true;
}

bool ToolCallBlock::push_null(char c, ToolCallWriter& out) {
  constexpr std::string_view kNullText = "null";
  if (c != kNullText[raw_.size()]) return false;
  raw_ += c;
  if (raw_ == kNullText) {
    take_arguments("{}", out);
    at_ = At::kAfterValue;
  }
  return true;
}

void ToolCallBlock::start(ToolCallWriter& out) {
  out.start(name_);
  started_ = true;
  ++calls_;
}

void ToolCallBlock::take_name(std::string name, ToolCallWriter& out) {
  name_ = std::move(name);
  if (has_arguments_) take_arguments(std::exchange(early_, {}), out);
}

void ToolCallBlock::take_arguments(std::string_view whole, ToolCallWriter& out) {
  has_arguments_ = true;
  if (name_.empty()) {
    early_ = whole;
    return;
  }
  start(out);
  out.add(whole);
  out.end();
}

bool ToolCallBlock::begin_arguments(ToolCallWriter& out) {
  has_arguments_ = true;
  scanner_ = {};
  early_.clear();
  if (!name_.empty()) start(out);
  at_ = At::kArguments;
  return push_arguments('{', out);
}

bool ToolCallBlock::push_arguments(char c, ToolCallWriter& out) {
  std::string taken;
  const auto step = scanner_.push(c, taken);
  if (step == JsonObjectScanner::Step::kBad) {
    // A list that ends where the braces of its last call are missing.
    const auto closers = scanner_.closers();
    if (c != ']' || !in_list_ || !closers || closers->find(']') != closers->npos) return false;
    return finish(out) && push(c, out);
  }
  if (started_) {
    out.add(taken);
  } else {
    early_ += taken;
  }
  if (step == JsonObjectScanner::Step::kDone) {
    if (started_) out.end();
    at_ = is_named_ ? At::kAfterItem : At::kAfterValue;
  }
  return true;
}

bool ToolCallBlock::push_after_value(char c, ToolCallWriter& out) {
  if (c == ',') return go(At::kKey);
  if (c == '}') return end_object(out);
  return c == ']' && in_list_ && end_object(out) && push_after_item(c);
}

bool ToolCallBlock::end_object(ToolCallWriter& out) {
  if (name_.empty() || (!has_arguments_ && options_.needs_arguments)) return false;
  if (!has_arguments_) take_arguments("{}", out);
  return go(At::kAfterItem);
}

bool ToolCallBlock::push_after_item(char c) {
  if (c == '}') return true;  // closed once more
  if (is_named_) return false;
  if (in_list_ && c == ']') return go(At::kEnd);
  if (c == ',' || (c == ';' && !in_list_)) return go(At::kItem);
  return !in_list_ && push_item(c);
}

bool ToolCallBlock::finish(ToolCallWriter& out) {
  switch (at_) {
    case At::kArguments: {
      const auto closers = scanner_.closers();
      if (!started_) return false;
      out.add(closers ? *closers : scanner_.held());
      if (closers) {
        out.end();
        at_ = At::kAfterItem;
      }
      return true;
    }
    case At::kAfterValue:
      return end_object(out);
    case At::kNamedArguments:
      take_arguments("{}", out);
      return true;
    case At::kItem:
      return has_calls();
    default:
      return at_ == At::kAfterItem || at_ == At::kEnd;
  }
}

void ToolCallBlock::cut(ToolCallWriter& out) {
  if (is_open()) out.add(scanner_.held());
}

bool ToolCallBlock::is_settled() const {
  switch (at_) {
    case At::kArguments:
    case At::kAfterValue:
      return started_;
    case At::kItem:
      return has_calls();
    default:
      return at_ == At::kAfterItem || at_ == At::kEnd;
  }
}

bool ToolCallBlock::in_string() const {
  return at_ == At::kString || (at_ == At::kArguments && scanner_.in_string());
}

}  // namespace pangu
