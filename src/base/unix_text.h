// SPDX-License-Identifier: Apache-2.0
// Texts that were written on Windows, as texts are elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace pangu {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The text without a byte order mark at its beginning and without the carriage return of each line
/// end. A carriage return anywhere else stays.
std::string unix_text(std::string_view text);

/// A text with such line ends: "\n" becomes "\r\n".
std::string windows_text(std::string_view text);

}  // namespace pangu
