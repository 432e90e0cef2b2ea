// SPDX-License-Identifier: Apache-2.0
// A device for tests whose memory the host cannot touch, as that of an accelerator: the addresses
// it gives out have no access, and whatever reads or writes there ends the process. Its own
// functions, the reference kernels whatever the instruction set of the context, find the same pages
// elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "devices/device.h"

namespace pangu::test {

/// Every op.
const OpTable& guarded_ops();

/// A device with memory of its own, 16 GiB at most of which what is used exists.
std::shared_ptr<Device> make_guarded_device(const OpTable& ops = guarded_ops());

/// How often the functions of guarded_ops() ran in this process.
std::vector<std::pair<std::string_view, std::int64_t>> guarded_calls();

}  // namespace pangu::test
