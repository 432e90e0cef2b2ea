// SPDX-License-Identifier: Apache-2.0
#include "comm/launcher.h"

#include <cstdlib>
#include <initializer_list>

namespace pangu {

bool is_launched_in_group() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name)) return true;
  }
  return false;
}

}  // namespace pangu
