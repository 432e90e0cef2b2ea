// SPDX-License-Identifier: Apache-2.0
#include "models/weights/foreign_quantization.h"

#include <set>

#include "base/clipped.h"
#include "base/error.h"
#include "io/folder_names.h"
#include "io/json.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

struct ForeignFormat {
  std::string_view suffix;  ///< of a tensor that no other checkpoint has
  std::string_view maker;
};
constexpr std::string_view kModelSlim = "msModelSlim, Huawei's quantizer for Ascend processors";
constexpr ForeignFormat kForeignFormats[] = {
    {".deq_scale", kModelSlim},
    {".quant_bias", kModelSlim},
    {".weight_offset", kModelSlim},
    {".qweight", "GPTQ or AWQ"},
    {".weight_packed", "llm-compressor (compressed-tensors)"},
    {".weight_scale_inv", "a program for 8-bit floats in blocks"},
    {".weight.absmax", "bitsandbytes"},
    {".SCB", "bitsandbytes"},
};

[[noreturn]] void refuse_foreign(const Checkpoint& checkpoint, std::string_view how,
                                 std::string_view maker, std::string_view evidence) {
  fail<Unsupported>(
      "[load] {}: the weights were quantized{} by {} ({}), a form that this program does not read. "
      "Use the checkpoint with plain bf16, f16 or f32 weights; `pangu quantize` makes a smaller "
      "one "
      "of that.",
      checkpoint.folder().string(), how, maker, clipped(evidence));
}

bool holds_codes(const TensorView& t) {
  return t.dtype != DType::kF32 && t.dtype != DType::kF16 && t.dtype != DType::kBF16;
}

/// The types, such as W8A8, that a description gives to tensors which hold codes.
std::set<std::string> described_types(const Json& description, const Checkpoint& checkpoint) {
  std::set<std::string> types;
  if (!description.is_object()) return types;
  for (const auto& [key, value] : description.items()) {
    const TensorView* t = checkpoint.find(key);
    if (t && holds_codes(*t) && value.is_string() && value != "FLOAT") {
      types.insert(clipped(value.get<std::string>(), 40));
    }
  }
  return types;
}

/// quant_model_description.json; older versions add the type to its name.
void refuse_described(const Checkpoint& checkpoint) {
  for (const std::string& name : folder_names(checkpoint.folder())) {
    if (!name.starts_with("quant_model_description") || !name.ends_with(".json")) continue;
    const std::set<std::string> types =
        described_types(read_json(checkpoint.folder() / name), checkpoint);
    if (!types.empty()) {
      refuse_foreign(checkpoint, fmt::format(" as {}", fmt::join(types, ", ")), kModelSlim, name);
    }
  }
}

}  // namespace

void refuse_foreign_quantization(const Checkpoint& checkpoint) {
  refuse_described(checkpoint);
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    for (const auto& [suffix, maker] : kForeignFormats) {
      if (name.ends_with(suffix)) {
        refuse_foreign(checkpoint, "", maker, fmt::format("tensor {}", name));
      }
    }
  }
}

}  // namespace pangu
