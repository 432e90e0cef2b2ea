// SPDX-License-Identifier: Apache-2.0
// What a template variable can hold, with the meaning Python gives it.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "jinja/text.h"

namespace pangu::jinja {

struct List;
class Dict;
struct Namespace;
struct Function;
struct Loop;
struct Helper;
struct Macro;
struct For;
class Context;
class Scope;

/// In the order of Value's alternatives.
enum class Kind {
  kUndefined,
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kList,
  kDict,
  kNamespace,
  kFunction,
  kLoop,
  kHelper
};

/// A small, freely copied handle. Strings are shared and never change; containers belong to the
/// Context of the rendering, which frees them all at once: that makes cycles harmless and spares
/// the deep recursion of freeing long chains.
class Value {
 public:
  /// Undefined, without a name.
  Value() = default;
  /// A template, so that no pointer turns into a bool.
  template <std::same_as<bool> Bool>
  explicit Value(Bool value) : data_(value) {}
  explicit Value(std::int64_t value) : data_(value) {}
  explicit Value(double value) : data_(value) {}
  explicit Value(TextPtr text) : data_(std::move(text)) {}
  explicit Value(List* list) : data_(list) {}
  explicit Value(Dict* dict) : data_(dict) {}
  explicit Value(Namespace* object) : data_(object) {}
  explicit Value(const Function* function) : data_(function) {}
  explicit Value(Loop* loop) : data_(loop) {}
  explicit Value(Helper* helper) : data_(helper) {}

  static Value none();
  /// `name` is what was looked up in vain; it must outlive the value.
  static Value undefined(const std::string& name);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is(Kind kind) const { return this->kind() == kind; }
  /// bool, int or float: what arithmetic takes.
  bool is_number() const { return is(Kind::kBool) || is(Kind::kInt) || is(Kind::kFloat); }
  /// bool or int: what may index a list.
  bool is_integral() const { return is(Kind::kBool) || is(Kind::kInt); }

  bool as_bool() const { return std::get<bool>(data_); }
  /// Of a bool or an int.
  std::int64_t as_int() const;
  /// Of a bool, an int or a float.
  double as_double() const;
  const Text& as_text() const { return *std::get<TextPtr>(data_); }
  const std::string& as_string() const { return as_text().bytes(); }
  List& as_list() const { return *std::get<List*>(data_); }
  Dict& as_dict() const { return *std::get<Dict*>(data_); }
  Namespace& as_namespace() const { return *std::get<Namespace*>(data_); }
  const Function& as_function() const { return *std::get<const Function*>(data_); }
  Loop& as_loop() const { return *std::get<Loop*>(data_); }
  Helper& as_helper() const { return *std::get<Helper*>(data_); }

  /// Whether a string is text for HTML already, which `escape` leaves as it is: MarkupSafe's
  /// Markup. What is joined to it with + or % is escaped.
  bool is_markup() const { return is_markup_; }
  /// The same string as markup, or as plain text.
  Value as_markup(bool is_markup = true) const {
    Value out = *this;
    out.is_markup_ = is_markup;
    return out;
  }

  /// "'x'" for an undefined value with a name, else "a value".
  std::string undefined_name() const;

 private:
  struct Undefined {
    const std::string* name;
  };
  struct None {};

  std::variant<Undefined, None, bool, std::int64_t, double, TextPtr, List*, Dict*, Namespace*,
               const Function*, Loop*, Helper*>
      data_;
  bool is_markup_ = false;
};

/// Ordered values. Generators (what `select`, `map` and their like give) are always true, have no
/// length and are used up by the first loop over them, as in Python.
struct List {
  enum class Type { kList, kTuple, kRange, kKeys, kValues, kItems, kGenerator };
  Type type = Type::kList;
  std::vector<Value> items;
  /// Of a range: start, stop, step.
  std::array<std::int64_t, 3> bounds = {};
  /// Whether a tuple is a group of `groupby`, with the names `grouper` and `list` for its items.
  bool is_group = false;

  bool has_length() const { return type != Type::kGenerator; }
  bool can_index() const { return type <= Type::kRange; }
  bool is_view() const { return type >= Type::kKeys && type <= Type::kItems; }
};

/// Keys in order of insertion. A key is none, a bool, a number, a string or a tuple of these;
/// 1, 1.0 and true are the same key.
class Dict {
 public:
  using Entry = std::pair<Value, Value>;

  /// Null when the key is absent or cannot be a key.
  const Value* find(Context& context, const Value& key) const;
  const Value* find(Context& context, std::string_view key) const;
  /// False when `key` cannot be a key (a list, a dict, ...).
  bool set(Context& context, const Value& key, Value value);
  /// Removes a key, in time linear in the number of keys; nothing if it is absent.
  std::optional<Value> take(Context& context, const Value& key);
  void clear();

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// What `namespace()` gives: the one object whose attributes `set` may change.
struct Namespace {
  Dict attributes;
};

/// The variable `loop`.
struct Loop {
  std::vector<Value> items = {};
  std::size_t at = 0;
  std::int64_t depth0 = 0;  ///< loops of one `recursive` statement inside one another
  /// What loop.changed() was given last.
  std::optional<std::vector<Value>> last_changed = std::nullopt;
  /// Of a recursive loop, which can be called: the statement, and the scope it stands in.
  const For* statement = nullptr;
  Scope* scope = nullptr;
};

/// What cycler() and joiner() give.
struct Helper {
  bool is_cycler;
  std::vector<Value> items = {};  ///< of a cycler; of a joiner the separator
  std::size_t at = 0;             ///< of a joiner: whether it was called
};

/// Values given in a call, evaluated.
struct Arguments {
  struct Named {
    std::string_view name;  ///< outlives the call
    Value value;
    Source source = Source::kTemplate;  ///< of the name
  };
  std::vector<Value> positional;
  std::vector<Named> named;
};

using GlobalFunction = Value (*)(Context&, const Arguments&);

/// Anything that can be called: a macro with the scope it was defined in, a global function, or a
/// method bound to its receiver.
struct Function {
  enum class Type { kMacro, kGlobal, kMethod };
  Type type;
  std::string_view name;
  const Macro* macro = nullptr;
  Scope* scope = nullptr;
  bool autoescape = false;  ///< where a macro was defined
  GlobalFunction global = nullptr;
  Value receiver = {};
};

/// As Python names it: 'str', 'int', 'list', 'dict', ...
std::string_view type_name(const Value& value);

/// Python's bool(value).
bool truthy(const Value& value);

}  // namespace pangu::jinja
