// SPDX-License-Identifier: Apache-2.0
// Texts of strangers on their way to a terminal, where control sequences would be obeyed.
#pragma once

#include <string>
#include <string_view>

namespace pangu {

/// Whether a terminal may obey the character instead of showing it: C0, DEL and C1.
constexpr bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/// The text with every control character (C0, DEL, C1) and every byte that is no UTF-8 as an
/// escape: "\n", "\t", "\r", "\x1b", "\u009b". Characters in `keep` stay as they are.
std::string escaped(std::string_view text, std::string_view keep = {});

}  // namespace pangu
