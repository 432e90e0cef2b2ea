// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/drafter.h"

#include <algorithm>
#include <array>

namespace pangu {

int length_class(int length) {
  constexpr std::array<int, kLengthClasses - 1> kLast = {1, 2, 3, 5, 8, 15, 31};
  return static_cast<int>(std::ranges::lower_bound(kLast, length) - kLast.begin());
}

}  // namespace pangu
