// SPDX-License-Identifier: Apache-2.0
// What a server is to serve.
#pragma once

#include <filesystem>
#include <string>

namespace pangu::serve {

/// What is to be served under which name.
struct ModelSource {
  std::string name;
  std::filesystem::path path;
};

/// "NAME=PATH", or a path whose last name is the name. Throws ConfigError for a name that is empty
/// or has characters that no URL should have.
ModelSource parse_model_source(const std::string& text);

}  // namespace pangu::serve
