// SPDX-License-Identifier: Apache-2.0
// The processor and its memory as a device.
#pragma once

#include <memory>

#include "devices/device.h"

namespace pangu {

/// The one CPU device of this process.
std::shared_ptr<Device> cpu_device();

}  // namespace pangu
