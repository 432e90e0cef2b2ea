// SPDX-License-Identifier: Apache-2.0
// What an engine has, and batches made from it use.
#pragma once

#include <filesystem>
#include <optional>

#include "base/resources.h"
#include "ops/context.h"
#include "pangu/engine.h"
#include "runtime/generate/generator.h"
#include "runtime/model.h"

namespace pangu {

struct Engine::Impl {
  Impl(const std::filesystem::path& path, const EngineOptions& options);

  const Model* draft_model() const { return draft ? &*draft : nullptr; }

  Stopwatch watch;
  Context ctx;
  Model model;
  std::optional<Model> draft;
  KvFormat kv;
  SpeculationOptions speculation;
  Generator generator;
  double load_seconds;
};

}  // namespace pangu
