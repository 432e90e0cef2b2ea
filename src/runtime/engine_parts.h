// SPDX-License-Identifier: Apache-2.0
// What layers above the runtime need of an engine and its public face does not show.
#pragma once

#include "ops/context.h"
#include "pangu/engine.h"
#include "quant/kv_format.h"
#include "runtime/model.h"

namespace pangu {

/// Valid as long as the engine, wherever that is moved. Not to be used while it generates.
class EngineParts {
 public:
  static const Model& model(const Engine& engine);
  /// Null where no draft model is loaded.
  static const Model* draft_model(const Engine& engine);
  static Context& context(Engine& engine);
  static KvFormat kv_format(const Engine& engine);
};

}  // namespace pangu
