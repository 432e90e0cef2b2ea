// SPDX-License-Identifier: Apache-2.0
// What to do about an error that the system's file functions report.
#pragma once

#include <string_view>

namespace pangu {

/// One sentence for the end of a message about `error` (a value of errno): where the cause is a
/// full disk, a limit or the device, that is what has to change and not the path.
std::string_view file_advice(int error);

/// Whether `error` says that there is no room: a full disk, a quota or a limit of file sizes.
bool is_out_of_room(int error);

}  // namespace pangu
