// SPDX-License-Identifier: Apache-2.0
#include "jinja/known_names.h"

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace pangu::jinja {

std::string advice_on(std::string_view wrong, std::span<const std::string_view> names) {
  const std::string_view nearest = nearest_name(wrong, names);
  if (!nearest.empty()) return fmt::format("Did you mean '{}'?", nearest);
  return fmt::format("Known: {}.", fmt::join(names, ", "));
}

}  // namespace pangu::jinja
