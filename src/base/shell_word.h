// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pangu {

/// A word of a command line as a shell wants it: in quotes where it needs them, and always UTF-8.
std::string shell_word(const std::string& text);

}  // namespace pangu
