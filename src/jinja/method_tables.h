// SPDX-License-Identifier: Apache-2.0
// The methods of each type, as tables that methods.cpp searches.
#pragma once

#include <span>
#include <string_view>

#include "jinja/context.h"

namespace pangu::jinja {

/// What a method of a string gives that is markup.
enum class OfMarkup {
  kPlain,   ///< something that is no markup
  kMarked,  ///< markup
  kItems    ///< a list of markup
};

struct Method {
  std::string_view name;
  Value (*call)(Context&, const Value& self, const Arguments&);
  OfMarkup of_markup = OfMarkup::kPlain;
};

std::span<const Method> string_methods();
/// Those that change letters, measure or fill.
std::span<const Method> string_form_methods();
std::span<const Method> list_methods();
std::span<const Method> tuple_methods();
std::span<const Method> dict_methods();
std::span<const Method> number_methods();

}  // namespace pangu::jinja
