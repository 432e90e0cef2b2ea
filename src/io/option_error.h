// SPDX-License-Identifier: Apache-2.0
// A config's value that an option of the command gave, and no file: the usage is wrong.
#pragma once

#include "pangu/error.h"

namespace pangu {

/// What JsonObject throws for a key in JsonOrigin::options.
class OptionError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

}  // namespace pangu
