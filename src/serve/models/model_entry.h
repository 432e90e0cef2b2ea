// SPDX-License-Identifier: Apache-2.0
// What is told of the models of a server.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "serve/scheduler/served_model.h"

namespace pangu::serve {

enum class ModelState { kUnloaded, kLoading, kReady, kFailed };

/// "unloaded", "loading", "ready", "failed"
std::string_view name(ModelState state);

/// A model at one moment.
struct ModelEntry {
  std::string name;
  std::filesystem::path path;
  ModelState state = ModelState::kUnloaded;
  std::string failure;                  ///< why it is not loaded, of one that failed
  std::int64_t bytes = 0;               ///< that it takes in memory
  std::size_t pending = 0;              ///< requests that wait for it to be loaded
  ModelStatus status;                   ///< of all its loads together
  std::shared_ptr<ServedModel> served;  ///< null unless it is ready; not to be asked for replies
};

/// A request that waits for its model to be loaded.
struct PendingRequest {
  std::string id, model;
  double seconds = 0;  ///< since it came
};

}  // namespace pangu::serve
