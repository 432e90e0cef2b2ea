// SPDX-License-Identifier: Apache-2.0
// What stays of a model when parts are cut out of it, and what that makes of its config and of each
// of its tensors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/json.h"
#include "models/config/config.h"
#include "models/schema.h"

namespace pangu::compress {

/// Indices of what stays, each list rising.
using Kept = std::vector<std::int32_t>;

/// 0 ... n - 1: all of it.
Kept all_of(std::int64_t n);

/// Every element of blocks of `size`, of which those in `kept` stay: 3 and size 2 are 6 and 7.
Kept elements_of(const Kept& kept, std::int64_t size);

struct LayerCut {
  Kept neurons;
  Kept groups;  ///< key/value heads, each with its query heads
};

struct Cut {
  Kept channels;                 ///< of the residual stream
  Kept layers;                   ///< that stay
  std::vector<LayerCut> within;  ///< of every layer of the model before, kept or not

  /// The cut that leaves everything.
  static Cut nothing(const ModelConfig& config);
};

/// The config of what is left. Throws ConfigError if nothing is left of something, or if layers
/// keep different numbers of heads, which no config.json can say.
ModelConfig cut_config(const ModelConfig& config, const Cut& cut);

/// The same for config.json as it stands: keys that a cut does not change keep their spelling.
Json cut_config_json(const Json& json, const ModelConfig& config, const Cut& cut);

/// What becomes of a tensor [rows, columns], or of a vector [rows].
struct TensorCut {
  std::string name;         ///< in the new model
  bool all_rows = true;     ///< or only `rows`
  bool all_columns = true;  ///< or only `columns`
  Kept rows = {}, columns = {};
};

/// How the tensors of a model are cut, by what runs along their axes.
class TensorCuts {
 public:
  /// Both must outlive this.
  TensorCuts(const ModelConfig& config, const Cut& cut) : config_(config), cut_(cut) {}

  /// Whether any of the tensor stays: nothing does of a layer that goes.
  bool keeps(const TensorSpec& tensor) const;
  TensorCut of(const TensorSpec& tensor) const;

 private:
  /// What stays along an axis, or nothing if all does.
  std::optional<Kept> kept_along(Axis axis, std::int64_t layer) const;

  const ModelConfig& config_;
  const Cut& cut_;
};

}  // namespace pangu::compress
