// SPDX-License-Identifier: Apache-2.0
#include "base/allowed_processors.h"

#include <sched.h>

#include <algorithm>
#include <numeric>
#include <thread>

namespace pangu {
namespace {

std::vector<int> processors_of_this_thread() {
  std::vector<int> allowed;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) allowed.push_back(cpu);
    }
  } else {
    allowed.resize(std::max(1u, std::thread::hardware_concurrency()));
    std::iota(allowed.begin(), allowed.end(), 0);
  }
  return allowed;
}

}  // namespace

const std::vector<int>& allowed_processors() {
  static const std::vector<int> allowed = processors_of_this_thread();
  return allowed;
}

}  // namespace pangu
