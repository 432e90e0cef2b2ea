// SPDX-License-Identifier: Apache-2.0
// Sizes as of ggml 0.25 (ggml.h, ggml-common.h). Numbers that are missing were withdrawn.
#include "io/gguf_types.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace pangu {
namespace {

// clang-format off
constexpr std::array kTypes{
    GgufTensorType{0, "f32", 1, 4},        GgufTensorType{1, "f16", 1, 2},
    GgufTensorType{2, "q4_0", 32, 18},     GgufTensorType{3, "q4_1", 32, 20},
    GgufTensorType{6, "q5_0", 32, 22},     GgufTensorType{7, "q5_1", 32, 24},
    GgufTensorType{8, "q8_0", 32, 34},     GgufTensorType{9, "q8_1", 32, 36},
    GgufTensorType{10, "q2_k", 256, 84},   GgufTensorType{11, "q3_k", 256, 110},
    GgufTensorType{12, "q4_k", 256, 144},  GgufTensorType{13, "q5_k", 256, 176},
    GgufTensorType{14, "q6_k", 256, 210},  GgufTensorType{15, "q8_k", 256, 292},
    GgufTensorType{16, "iq2_xxs", 256, 66}, GgufTensorType{17, "iq2_xs", 256, 74},
    GgufTensorType{18, "iq3_xxs", 256, 98}, GgufTensorType{19, "iq1_s", 256, 50},
    GgufTensorType{20, "iq4_nl", 32, 18},  GgufTensorType{21, "iq3_s", 256, 110},
    GgufTensorType{22, "iq2_s", 256, 82},  GgufTensorType{23, "iq4_xs", 256, 136},
    GgufTensorType{24, "i8", 1, 1},        GgufTensorType{25, "i16", 1, 2},
    GgufTensorType{26, "i32", 1, 4},       GgufTensorType{27, "i64", 1, 8},
    GgufTensorType{28, "f64", 1, 8},       GgufTensorType{29, "iq1_m", 256, 56},
    GgufTensorType{30, "bf16", 1, 2},      GgufTensorType{34, "tq1_0", 256, 54},
    GgufTensorType{35, "tq2_0", 256, 66},  GgufTensorType{39, "mxfp4", 32, 17},
    GgufTensorType{40, "nvfp4", 64, 36},   GgufTensorType{41, "q1_0", 128, 18},
    GgufTensorType{42, "q2_0", 64, 18},    GgufTensorType{200, "q4_0_64", 64, 34},
};
// clang-format on

}  // namespace

const GgufTensorType* find_gguf_tensor_type(std::uint32_t id) {
  const auto it = std::ranges::find(kTypes, id, &GgufTensorType::id);
  return it == kTypes.end() ? nullptr : &*it;
}

const GgufTensorType& gguf_tensor_type(std::uint32_t id) {
  if (const GgufTensorType* type = find_gguf_tensor_type(id)) return *type;
  fail<Unsupported>("[gguf] tensors of type {} are not known. Use a newer program.", id);
}

}  // namespace pangu
