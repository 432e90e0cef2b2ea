// SPDX-License-Identifier: Apache-2.0
// The one way in which a model is found: by its path, or by its name among those that come with
// the program.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pangu {

/// Where a bundled model lies: in $PANGU_MODELS, in share/pangu/models beside an installed program,
/// or in models/ of the source tree that the program was built in; empty if there is none. It is a
/// folder with a config.json or a GGUF file in it, or the file NAME.gguf.
std::filesystem::path find_bundled_model(std::string_view name);

/// What a user means who names a model: a file or folder if there is one (of a bundle its default
/// variant), else a bundled model, else what was given, for the loader to complain about. Throws
/// what bundle_default() does.
std::filesystem::path locate_model(const std::filesystem::path& given);

/// For the message that there is no such model: " Did you mean pangu-nano? Bundled models:
/// pangu-nano, pangu-pico." Nothing for a path, and where no models are bundled.
std::string bundled_models_hint(const std::filesystem::path& given);

}  // namespace pangu
