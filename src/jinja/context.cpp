// SPDX-License-Identifier: Apache-2.0
// Counting of work and ownership of the values of one rendering.
#include "jinja/context.h"

#include <algorithm>

namespace pangu::jinja {

const Value* Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope; scope = scope->parent_) {
    const auto found = scope->variables_.find(name);
    if (found != scope->variables_.end()) return &found->second;
  }
  return nullptr;
}

void Context::fail_undefined(const Value& value) const {
  fail<ConfigError>(
      "{} is undefined, but its value is needed here. Pass it in the messages or options, or test "
      "it with 'is defined' first.",
      value.undefined_name());
}

void Context::charge(std::size_t steps) {
  steps_ += steps;
  // Sixteen bytes of text cost about as much as evaluating a node.
  if (steps_ + bytes_ / 16 > limits_.steps) {
    fail<ConfigError>(
        "the template did not finish within {} steps of work. Shorten the conversation, or use a "
        "template that does less.",
        limits_.steps);
  }
}

void Context::charge_bytes(std::size_t bytes) {
  bytes_ += bytes;
  charge(0);
}

void Context::charge_text(std::uint64_t bytes) {
  if (bytes > limits_.output_bytes) {
    fail<ConfigError>("the text grows past {} bytes. Shorten the conversation.",
                      limits_.output_bytes);
  }
  charge_bytes(bytes);
}

Value Context::string(Text text) {
  charge_bytes(text.content_ranges().size() * sizeof(Text::Range));
  return Value(std::make_shared<const Text>(std::move(text)));
}

Value Context::string(std::string_view bytes, Source source) {
  Writer out(*this);
  out.append(bytes, source);
  return out.value();
}

Value Context::slice(const Value& value, std::size_t begin, std::size_t end) {
  if (begin == 0 && end == value.as_text().size()) return value.as_markup(false);
  Writer out(*this);
  out.append(value.as_text(), begin, end);
  return out.value();
}

Value Context::list(std::vector<Value> items, List::Type type) {
  charge_bytes(sizeof(List));
  charge_items(items.size());
  return Value(&lists_.emplace_back(List{type, std::move(items)}));
}

Dict& Context::dict() {
  charge_bytes(sizeof(Dict));
  return dicts_.emplace_back();
}

Namespace& Context::new_namespace() {
  charge_bytes(sizeof(Namespace));
  return namespaces_.emplace_back();
}

Loop& Context::loop() {
  charge_bytes(sizeof(Loop));
  return loops_.emplace_back();
}

Value Context::helper(Helper helper) {
  charge_bytes(sizeof(Helper));
  return Value(&helpers_.emplace_back(std::move(helper)));
}

Scope& Context::scope(Scope* parent) {
  charge_bytes(sizeof(Scope));
  return scopes_.emplace_back(parent);
}

Value Context::function(Function function) {
  charge_bytes(sizeof(Function));
  return Value(&std::as_const(functions_.emplace_back(std::move(function))));
}

std::string_view Context::intern(std::string name) {
  charge_bytes(name.size() + sizeof(std::string));
  return names_.emplace_back(std::move(name));
}

Value Context::undefined(std::string name) {
  charge_bytes(name.size() + sizeof(std::string));
  return Value::undefined(names_.emplace_back(std::move(name)));
}

DepthGuard::DepthGuard(Context& context) : context_(context) {
  if (context_.depth_ == context_.limits_.depth) {
    context_.fail<ConfigError>(
        "expressions, blocks or macro calls are more than {} deep. Is a macro calling itself "
        "without end, or a list holding itself?",
        context_.limits_.depth);
  }
  ++context_.depth_;
}

void Writer::reserve(std::size_t bytes) {
  if (bytes > context_.limits().output_bytes - text_.size()) {
    context_.fail<ConfigError>("the text grows past {} bytes. Shorten the conversation.",
                               context_.limits().output_bytes);
  }
  context_.charge_bytes(bytes);
}

void Writer::append(std::string_view bytes, Source source) {
  reserve(bytes.size());
  text_.append(bytes, source);
}

void Writer::append(const Text& text, std::size_t begin, std::size_t end) {
  reserve(end - begin);
  text_.append(text, begin, end);
}

void Writer::repeat(std::string_view bytes, std::uint64_t count, Source source) {
  if (bytes.empty() || count == 0) return;
  // Refused as a whole, and written in pieces of a few dozen bytes.
  if (count > context_.limits().output_bytes) reserve(context_.limits().output_bytes + 1);
  const std::size_t together = std::max<std::size_t>(64 / bytes.size(), 1);
  std::string piece;
  for (std::size_t i = 0; i < std::min<std::uint64_t>(count, together); ++i) piece += bytes;
  for (; count >= together; count -= together) append(piece, source);
  append(std::string_view(piece).substr(0, count * bytes.size()), source);
}

Value Writer::value() {
  return context_.string(std::exchange(text_, Text()));
}

}  // namespace pangu::jinja
