// SPDX-License-Identifier: Apache-2.0
// Checkpoints of other quantizers are named, and those that only look like them are read.
#include "models/weights/foreign_quantization.h"

#include <map>

#include "io/json.h"
#include "io/safetensors.h"
#include "models/weights/weight_source.h"
#include "pangu/error.h"
#include "tensor/dtype.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr const char* kProjection = "model.layers.0.self_attn.q_proj";

/// A folder with tensors of two elements each, and a description.
class ForeignFolder {
 public:
  std::map<std::string, DType> tensors;
  std::string file = "model.safetensors";

  void describe(const std::string& name, const Json& description) {
    write_json(scratch_ / name, description);
  }
  void open() {
    const std::vector<std::byte> zeros(16);
    std::vector<SafetensorsEntry> entries;
    for (const auto& [name, dtype] : tensors) {
      entries.push_back({.name = name,
                         .dtype = dtype,
                         .shape = {2},
                         .data = std::span(zeros).first(2 * size_bytes(dtype))});
    }
    write_safetensors(scratch_ / file, entries);
    const Checkpoint checkpoint = Checkpoint::open(scratch_.path());
    checkpoint_source(checkpoint, std::nullopt);
  }

 private:
  test::ScratchDir scratch_;
};

TEST(ForeignQuantization, MsModelSlimIsNamedWithItsTypes) {
  const std::string weight = std::string(kProjection) + ".weight";
  for (const char* file : {"quant_model_description.json", "quant_model_description_w8a8.json"}) {
    ForeignFolder folder;
    folder.file = "quant_model_weight_w8a8.safetensors";
    folder.tensors = {{weight, DType::kI8}, {"model.norm.weight", DType::kBF16}};
    folder.describe(
        file, {{"model_quant_type", "W8A8"}, {weight, "W8A8"}, {"model.norm.weight", "FLOAT"}});
    PANGU_EXPECT_ERROR(folder.open(), Unsupported, "as W8A8 by msModelSlim", file,
                       "pangu quantize");
  }
}

TEST(ForeignQuantization, ADescriptionOfOtherFilesIsNoObstacle) {
  const std::string weight = std::string(kProjection) + ".weight";
  ForeignFolder folder;  // the original weights beside the description
  folder.tensors = {{weight, DType::kBF16}};
  folder.describe("quant_model_description.json", {{"model_quant_type", "W8A8"}, {weight, "W8A8"}});
  EXPECT_NO_THROW(folder.open());
  folder.describe("quant_model_description.json", Json::array());
  EXPECT_NO_THROW(folder.open());
}

TEST(ForeignQuantization, OthersAreKnownByTheirTensors) {
  for (const auto& [tensor, dtype, maker] : {std::tuple{".quant_bias", DType::kI32, "msModelSlim"},
                                             {".deq_scale", DType::kI64, "msModelSlim"},
                                             {".qweight", DType::kI32, "GPTQ or AWQ"},
                                             {".weight_packed", DType::kI32, "compressed-tensors"},
                                             {".weight.absmax", DType::kF32, "bitsandbytes"}}) {
    ForeignFolder folder;
    folder.tensors = {{std::string(kProjection) + tensor, dtype}};
    PANGU_EXPECT_ERROR(folder.open(), Unsupported, std::string(maker),
                       std::string(kProjection) + tensor);
  }
  ForeignFolder ours;
  ours.tensors = {{std::string(kProjection) + ".weight_scale", DType::kBF16}};
  EXPECT_NO_THROW(ours.open());
}

}  // namespace
}  // namespace pangu
