// SPDX-License-Identifier: Apache-2.0
// Every key of a training config, with its default and what it means: the one list that parsing,
// messages and --print-defaults share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "io/json.h"

namespace pangu {

struct ConfigKey {
  std::string_view path;      ///< "optimizer.learning_rate"
  std::string_view fallback;  ///< as JSON text; null where the key may be left out
  std::string_view comment;
};

/// In the order they are printed; keys of a section stand together.
std::span<const ConfigKey> train_config_keys();

/// A whole config with the defaults, and a comment on every key.
std::string commented_defaults();

/// The config with every key there: what the user gave, or its default. Throws ConfigError for a
/// key that does not exist, naming the nearest one that does.
Json with_defaults(const Json& given, std::string_view file);

/// Sets "a.b" in `config` to a value that is read as JSON, or taken as text where it is none, and
/// returns the key.
/// Throws ConfigError for an assignment without '=', or a key that does not exist.
std::string set_config_key(Json& config, std::string_view assignment);

}  // namespace pangu
