// SPDX-License-Identifier: Apache-2.0
#include "measure/busy_machine.h"

#include <fmt/format.h>

namespace pangu {

std::optional<std::string> busy_remark(const std::optional<OtherLoad>& load) {
  // What a machine does by itself stays below: rates then vary by no more than from run to run.
  constexpr double kSteal = 0.01, kOthers = 0.03;
  if (!load || (load->steal < kSteal && load->others < kOthers)) return std::nullopt;
  return fmt::format(
      "the machine was busy: other processes took {:.1f}% of the time of all processors, the "
      "hypervisor {:.1f}% (steal). Rates are lower than they would be, and shares uncertain.",
      100 * load->others, 100 * load->steal);
}

}  // namespace pangu
