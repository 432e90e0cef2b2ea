// SPDX-License-Identifier: Apache-2.0
#include "base/processor_time.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace pangu {
namespace {

std::optional<ProcessorTime> time_now() {
  std::ifstream in("/proc/stat");
  return read_processor_time(in);
}

/// Of all threads of this process, in seconds.
double own_time() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

std::optional<ProcessorTime> read_processor_time(std::istream& stat) {
  for (std::string line; std::getline(stat, line);) {
    std::istringstream words(line);
    std::string name;
    if (!(words >> name) || name != "cpu") continue;
    // user, nice, system, idle, iowait, irq, softirq, steal; guests, which follow, count as user.
    // Old systems have fewer.
    std::array<double, 8> ticks{};
    std::size_t n = 0;
    while (n < ticks.size() && words >> ticks[n]) ++n;
    if (n < 4) return std::nullopt;
    ProcessorTime out{.busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6],
                      .steal = ticks[7],
                      .total = ticks[3] + ticks[4]};
    out.total += out.busy + out.steal;
    return out;
  }
  return std::nullopt;
}

OtherLoad other_load(const ProcessorTime& before, const ProcessorTime& after, double own_s,
                     double ticks_per_s) {
  const double total = after.total - before.total;
  if (total <= 0) return {};
  // Ticks are sampled and may go back by a few: a share is one all the same.
  const auto share = [&](double ticks) { return std::clamp(ticks / total, 0.0, 1.0); };
  return {.steal = share(after.steal - before.steal),
          .others = share(after.busy - before.busy - own_s * ticks_per_s)};
}

OtherLoadMeter::OtherLoadMeter() : start_(time_now()), own_start_s_(own_time()) {}

std::optional<OtherLoad> OtherLoadMeter::load() const {
  const std::optional<ProcessorTime> now = time_now();
  if (!start_ || !now || watch_.seconds() < 0.5) return std::nullopt;
  return other_load(*start_, *now, own_time() - own_start_s_,
                    static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace pangu
