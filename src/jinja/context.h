// SPDX-License-Identifier: Apache-2.0
// One rendering: its limits, its memory, and the place an error is reported at.
#pragma once

#include <cstdint>
#include <ctime>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jinja/limits.h"
#include "jinja/value.h"

namespace pangu::jinja {

/// Variables of a block, seen by the blocks inside it.
class Scope {
 public:
  explicit Scope(Scope* parent = nullptr) : parent_(parent) {}

  /// Null when neither this scope nor one around it has the name.
  const Value* find(std::string_view name) const;
  /// `name` must outlive the scope.
  void set(std::string_view name, Value value) { variables_[name] = std::move(value); }
  void clear() { variables_.clear(); }

 private:
  Scope* parent_;
  std::unordered_map<std::string_view, Value> variables_;
};

class Context {
 public:
  Context(std::string_view origin, const Limits& limits) : origin_(origin), limits_(limits) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Line of the template that is being evaluated.
  int line = 1;
  /// Time that strftime_now() tells; the clock's when absent.
  std::optional<std::time_t> now;
  /// Whether what is printed is escaped for HTML: within {% autoescape true %}.
  bool autoescape = false;

  const Limits& limits() const { return limits_; }

  /// Throws E with the template's name and the current line.
  template <class E, class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) const {
    fail_at<E>(origin_, line, message, std::forward<Args>(args)...);
  }
  /// ConfigError: an undefined value was used where one is needed.
  [[noreturn]] void fail_undefined(const Value& value) const;

  /// Counts work; ConfigError past the limit.
  void charge(std::size_t steps);
  /// Counts the writing of `bytes` bytes.
  void charge_bytes(std::size_t bytes);
  /// Counts `n` items of a container.
  void charge_items(std::size_t n) { charge_bytes(n * sizeof(Value)); }
  /// Counts a text of `bytes` bytes before it is made; ConfigError if no text may be that long.
  void charge_text(std::uint64_t bytes);

  /// Values owned by this rendering.
  Value string(Text text);
  Value string(std::string_view bytes, Source source = Source::kTemplate);
  /// Bytes [begin, end) of a string value, as plain text.
  Value slice(const Value& value, std::size_t begin, std::size_t end);
  Value list(std::vector<Value> items, List::Type type = List::Type::kList);
  Dict& dict();
  Namespace& new_namespace();
  Loop& loop();
  Value helper(Helper helper);
  Scope& scope(Scope* parent);
  Value function(Function function);
  /// A name that lives as long as the rendering.
  std::string_view intern(std::string name);
  /// Undefined, remembering the name that was looked up.
  Value undefined(std::string name);

 private:
  friend class DepthGuard;

  std::string_view origin_;
  const Limits& limits_;
  std::size_t steps_ = 0;
  std::size_t bytes_ = 0;
  std::size_t depth_ = 0;
  std::deque<List> lists_;
  std::deque<Dict> dicts_;
  std::deque<Namespace> namespaces_;
  std::deque<Loop> loops_;
  std::deque<Helper> helpers_;
  std::deque<Scope> scopes_;
  std::deque<Function> functions_;
  std::deque<std::string> names_;
};

/// One level of recursion; ConfigError past the limit.
class DepthGuard {
 public:
  explicit DepthGuard(Context& context);
  ~DepthGuard() { --context_.depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Context& context_;
};

/// Builds a string, counting each byte against the limits before it is written.
class Writer {
 public:
  explicit Writer(Context& context) : context_(context) {}

  void append(std::string_view bytes, Source source = Source::kTemplate);
  void append(const Text& text) { append(text, 0, text.size()); }
  void append(const Text& text, std::size_t begin, std::size_t end);
  /// `count` copies of a short text.
  void repeat(std::string_view bytes, std::uint64_t count, Source source = Source::kTemplate);

  std::size_t size() const { return text_.size(); }
  Text take() { return std::move(text_); }
  /// The text as a value; the writer is empty afterwards.
  Value value();

 private:
  void reserve(std::size_t bytes);

  Context& context_;
  Text text_;
};

}  // namespace pangu::jinja
