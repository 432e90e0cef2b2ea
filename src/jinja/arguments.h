// SPDX-License-Identifier: Apache-2.0
// Matches the arguments of a call with the parameters of a filter, test, function or method.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/context.h"

namespace pangu::jinja {

/// The arguments of one call, in the order of the parameters' names.
class Bound {
 public:
  /// `what` names the callee in errors: "filter 'join'". The first `required` parameters must be
  /// given. throws ConfigError for missing, surplus, repeated or unknown arguments.
  Bound(Context& context, std::string what, std::initializer_list<std::string_view> parameters,
        const Arguments& given, std::size_t required = 0);

  /// Null when not given.
  const Value* get(std::size_t i) const { return values_[i] ? &*values_[i] : nullptr; }

  /// The argument, or `fallback` when it was not given. throws ConfigError if of another type.
  std::int64_t integer(std::size_t i, std::int64_t fallback) const;
  bool boolean(std::size_t i, bool fallback) const;
  /// The value of a string argument that must be there.
  const Value& string(std::size_t i) const;
  /// A string argument, or nothing when it was not given or is none.
  std::optional<std::string_view> optional_string(std::size_t i) const;

 private:
  [[noreturn]] void fail_type(std::size_t i, std::string_view wanted) const;

  Context& context_;
  std::string what_;
  std::vector<std::string_view> parameters_;
  std::vector<std::optional<Value>> values_;
};

}  // namespace pangu::jinja
