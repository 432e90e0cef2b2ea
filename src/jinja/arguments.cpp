// SPDX-License-Identifier: Apache-2.0
// Binding by position, then by name.
#include "jinja/arguments.h"

#include <algorithm>
#include <utility>

namespace pangu::jinja {

Bound::Bound(Context& context, std::string what, std::initializer_list<std::string_view> parameters,
             const Arguments& given, std::size_t required)
    : context_(context), what_(std::move(what)), parameters_(parameters) {
  values_.resize(parameters_.size());
  if (given.positional.size() > parameters_.size()) {
    context_.fail<ConfigError>("{} takes at most {} arguments but got {}.", what_,
                               parameters_.size(), given.positional.size());
  }
  for (std::size_t i = 0; i < given.positional.size(); ++i) values_[i] = given.positional[i];
  for (const auto& [name, value, source] : given.named) {
    const auto found = std::find(parameters_.begin(), parameters_.end(), name);
    if (found == parameters_.end()) {
      context_.fail<Unsupported>("{} has no argument '{}' here. Known: {}.", what_, name,
                                 fmt::join(parameters_, ", "));
    }
    auto& slot = values_[static_cast<std::size_t>(found - parameters_.begin())];
    if (slot) context_.fail<ConfigError>("{} got its argument '{}' twice.", what_, name);
    slot = value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!values_[i]) {
      context_.fail<ConfigError>("{} needs its argument '{}'.", what_, parameters_[i]);
    }
  }
}

void Bound::fail_type(std::size_t i, std::string_view wanted) const {
  const Value& value = *values_[i];
  if (value.is(Kind::kUndefined)) context_.fail_undefined(value);
  context_.fail<ConfigError>("argument '{}' of {} is of type {}, expected {}.", parameters_[i],
                             what_, type_name(value), wanted);
}

std::int64_t Bound::integer(std::size_t i, std::int64_t fallback) const {
  if (!values_[i]) return fallback;
  if (!values_[i]->is_integral()) fail_type(i, "int");
  return values_[i]->as_int();
}

bool Bound::boolean(std::size_t i, bool fallback) const {
  return values_[i] ? truthy(*values_[i]) : fallback;
}

const Value& Bound::string(std::size_t i) const {
  if (!values_[i] || !values_[i]->is(Kind::kString)) fail_type(i, "str");
  return *values_[i];
}

std::optional<std::string_view> Bound::optional_string(std::size_t i) const {
  if (!values_[i] || values_[i]->is(Kind::kNone)) return std::nullopt;
  return string(i).as_string();
}

}  // namespace pangu::jinja
