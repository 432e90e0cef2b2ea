// SPDX-License-Identifier: Apache-2.0
// Which matrix serves as output head: config.json says one thing, the tensors may say another.
#pragma once

#include <string>

#include "models/config/config.h"
#include "models/weights/weight_source.h"

namespace pangu {

/// The tensors decide, because they are what was trained.
struct OutputHead {
  bool is_embedding = false;  ///< the embedding serves as head
  bool is_repeated = false;   ///< it does, and is stored once more under the head's name
  /// A sentence for the user where config.json says otherwise; else empty.
  std::string remark = {};
};

/// A head that is not stored is the embedding. One that is stored is used, unless config.json ties
/// it to the embedding and it is the same, bit for bit. Throws what WeightSource::matrix() throws,
/// for a head that is stored beside a tied embedding.
OutputHead find_output_head(const ModelConfig& config, WeightSource& source);

/// The config with tie_word_embeddings as find_output_head() finds it; its remark goes to the log.
ModelConfig with_actual_head(const ModelConfig& config, WeightSource& source);

}  // namespace pangu
