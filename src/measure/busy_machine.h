// SPDX-License-Identifier: Apache-2.0
// Whether a measurement had the machine for itself.
#pragma once

#include <optional>
#include <string>

#include "base/processor_time.h"

namespace pangu {

/// What is to be said of other load during a measurement; nothing where there was hardly any, or
/// where the system does not tell.
std::optional<std::string> busy_remark(const std::optional<OtherLoad>& load);

}  // namespace pangu
