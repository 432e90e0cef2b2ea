// SPDX-License-Identifier: Apache-2.0
// Models that come with the program and are known by name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pangu::app {

/// Where a bundled model lies: in $PANGU_MODELS, in share/pangu/models beside an installed program,
/// or in models/ of the source tree that the program was built in; empty if there is none.
std::filesystem::path find_bundled_model(std::string_view name);

/// What a model argument means: a file or folder if there is one, else a bundled model, else what
/// was given, for the loader to complain about.
std::string locate_model(const std::string& argument);

}  // namespace pangu::app
