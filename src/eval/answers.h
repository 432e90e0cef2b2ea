// SPDX-License-Identifier: Apache-2.0
// The part of an answer that counts.
#pragma once

#include <string_view>

namespace pangu::eval {

/// Without white space at both ends; full-width blanks (U+3000) count as such.
std::string_view trimmed(std::string_view text);

/// The first line of a text that is not blank, trimmed.
std::string_view first_line(std::string_view text);

}  // namespace pangu::eval
