// SPDX-License-Identifier: Apache-2.0
#include "serve/http/random_name.h"

#include <fmt/format.h>

#include <random>

namespace pangu::serve {

std::string random_name(std::string_view prefix) {
  std::random_device random;
  return fmt::format("{}{:08x}{:08x}{:08x}", prefix, random(), random(), random());
}

}  // namespace pangu::serve
