// SPDX-License-Identifier: Apache-2.0
// Names that nobody can guess.
#pragma once

#include <string>
#include <string_view>

namespace pangu::serve {

/// `prefix` and 24 hexadecimal digits from the system's source of randomness, for requests, replies
/// and calls of tools. Any thread.
std::string random_name(std::string_view prefix);

}  // namespace pangu::serve
