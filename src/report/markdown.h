// SPDX-License-Identifier: Apache-2.0
// Text for tables of GitHub's Markdown.
#pragma once

#include <string>
#include <string_view>

namespace pangu {

/// What stands where there is no value.
inline constexpr std::string_view kNoCell = "\u2013";  // an en dash

/// Text for one cell: bars and backslashes escaped, line breaks made blanks.
std::string markdown_cell(std::string_view text);

}  // namespace pangu
