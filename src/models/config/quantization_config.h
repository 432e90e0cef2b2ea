// SPDX-License-Identifier: Apache-2.0
// The quantization_config of a checkpoint that pangu wrote:
//   {"quant_method": "pangu", "version": 1, "format": "w4a16-g64",
//    "tensors": {"model.embed_tokens.weight": "w8a16", ...}}
// `format` is that of every quantized matrix but those that `tensors` lists. A quantized matrix is
// stored in the tensors that its format names (quant/weight_format.h); matrices stored as floats
// need no entry.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "io/json.h"
#include "quant/weight_format.h"

namespace pangu {

struct QuantizationConfig {
  WeightFormat format = WeightFormat::kW8A16;
  std::map<std::string, WeightFormat, std::less<>> tensors;  ///< exceptions, by tensor name

  WeightFormat format_of(std::string_view tensor_name) const;
  bool operator==(const QuantizationConfig&) const = default;
};

/// Throws Unsupported for the methods of other programs and for later versions, ConfigError for
/// unknown formats, naming file and key.
QuantizationConfig parse_quantization_config(const JsonObject& json);

Json to_json(const QuantizationConfig& config);

}  // namespace pangu
