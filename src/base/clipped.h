// SPDX-License-Identifier: Apache-2.0
// Texts of strangers as messages show them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pangu {

/// At most `max_bytes` of a text from a file, fit for a message: ill-formed UTF-8 and control
/// characters are replaced.
std::string clipped(std::string_view text, std::size_t max_bytes = 80);

}  // namespace pangu
