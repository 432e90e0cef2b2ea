// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pangu {

/// "512 B", "1.50 KiB", "2.31 GiB".
std::string bytes_text(std::int64_t bytes);

/// "260K", "1.39B": three digits and a power of a thousand.
std::string count_text(double count);

/// "66.8 GB/s", "1.84 Gop", "512 kB": three digits and a decimal prefix before the unit.
std::string decimal_text(double value, std::string_view unit);

/// "4.2 ms", "1.35 s".
std::string seconds_text(double seconds);

/// "1,391,497,216".
std::string grouped(std::int64_t value);

}  // namespace pangu
