// SPDX-License-Identifier: Apache-2.0
// pangu bench --shape: sizes of a published model or of a config.json, and changes to them.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "models/config/config.h"

namespace pangu::app {

struct ShapeOptions {
  std::string name;  ///< of a published model, or the path of a config.json; empty: no shape
  std::optional<std::int64_t> layers, kv_heads;
  std::string intermediate_size;  ///< numbers with commas; empty: the shape's own

  /// " --layers 20 --kv-heads 4", as the command line has it; empty where nothing is changed.
  std::string changes() const;
  /// Throws ConfigError for a shape that nobody knows, and for sizes that cannot be.
  ModelConfig config() const;
};

/// --shape and the options that change it. `options` must outlive the app.
void add_shape_options(CLI::App& command, ShapeOptions& options);

}  // namespace pangu::app
