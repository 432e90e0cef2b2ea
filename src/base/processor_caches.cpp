// SPDX-License-Identifier: Apache-2.0
#include "base/processor_caches.h"

#include <unistd.h>

#include <algorithm>

namespace pangu {

std::int64_t largest_cache_bytes() {
  long most = 0;
  for (const int level : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE}) {
    most = std::max(most, ::sysconf(level));
  }
  return most;
}

}  // namespace pangu
