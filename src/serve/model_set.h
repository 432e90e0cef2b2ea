// SPDX-License-Identifier: Apache-2.0
// The models of a server, by the names under which they are asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// What is to be served under which name.
struct ModelSource {
  std::string name;
  std::filesystem::path path;
};

/// "NAME=PATH", or a path whose last name is the name. Throws ConfigError for a name that is empty
/// or has characters that no URL should have.
ModelSource parse_model_source(const std::string& text);

class ModelSet {
 public:
  /// Begins to load all of them, one after another. Throws ConfigError for two of one name.
  ModelSet(const std::vector<ModelSource>& sources, const ServedModelOptions& options);

  /// Waits for all; passes on what loading one threw.
  void wait_until_loaded();
  bool is_ready() const;

  /// The model of a name, the first one for an empty name; Ollama's clients say NAME:latest. Throws
  /// ApiError: 404 for a name that is none, 503 while it loads.
  ServedModel& find(const std::string& asked) const;
  const std::vector<std::unique_ptr<ServedModel>>& all() const { return models_; }

 private:
  ComputeTurn turn_;
  std::vector<std::unique_ptr<ServedModel>> models_;
};

}  // namespace pangu::serve
