// SPDX-License-Identifier: Apache-2.0
#include "quant/weight_format.h"

#include <cstring>
#include <random>
#include <vector>

#include "quant/float_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

std::vector<std::byte> encode(const std::vector<float>& values, DType dtype) {
  std::vector<std::byte> bytes(values.size() * size_bytes(dtype));
  for (std::size_t i = 0; i < values.size(); ++i) {
    visit_float(dtype, [&]<class T>() {
      const T x = from_f32<T>(values[i]);
      std::memcpy(bytes.data() + i * sizeof(T), &x, sizeof(T));
    });
  }
  return bytes;
}

/// Packs random rows stored as `dtype` and compares every weight with what `dtype` then `format`
/// rounding gives; exact formats must give back the stored value itself.
void check_round_trip(const FormatInfo& info, DType dtype, int64_t n_rows, int64_t k) {
  std::mt19937_64 rng(test::seed());
  std::normal_distribution<float> normal;
  std::vector<std::vector<std::byte>> storage;
  std::vector<PanelRow> rows;
  for (int64_t r = 0; r < n_rows; ++r) {
    std::vector<float> values(static_cast<std::size_t>(k));
    for (float& v : values) v = normal(rng);
    storage.push_back(encode(values, dtype));
  }
  for (const auto& s : storage) rows.push_back({s.data(), dtype});
  std::vector<std::byte> panel(info.panel_bytes(k), std::byte{0xAA});
  info.pack(rows, k, panel.data());

  std::vector<float> got(static_cast<std::size_t>(k)), stored(got.size());
  for (int64_t r = 0; r < kPanelRows; ++r) {
    info.unpack_row(panel.data(), r, k, got.data());
    if (r < n_rows) load_as_f32(rows[static_cast<std::size_t>(r)].data, dtype, k, stored.data());
    for (std::size_t i = 0; i < got.size(); ++i) {
      float want = r < n_rows ? stored[i] : 0.0f;
      if (info.format == WeightFormat::kBF16) want = to_f32(to_bf16(want));
      if (info.format == WeightFormat::kF16) want = to_f32(to_f16(want));
      ASSERT_EQ(got[i], want) << info.name << " row " << r << " column " << i;
    }
  }
}

TEST(WeightFormat, PackingAndUnpackingKeepsEveryWeight) {
  for (const FormatInfo& info : weight_formats()) {
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
      for (const int64_t n_rows : {1, 63, 64}) {
        for (const int64_t k : {1, 2, 31, 32, 33, 172}) check_round_trip(info, dtype, n_rows, k);
      }
    }
  }
}

TEST(WeightFormat, TheTableIsInTheOrderOfTheEnumeration) {
  for (const FormatInfo& info : weight_formats()) {
    EXPECT_EQ(&format_info(info.format), &info);
    EXPECT_EQ(parse_weight_format(info.name), info.format);
  }
  EXPECT_FALSE(parse_weight_format("q9").has_value());
  EXPECT_EQ(exact_format(DType::kBF16), WeightFormat::kBF16);
  PANGU_EXPECT_ERROR(exact_format(DType::kI8), Unsupported, "i8");
}

}  // namespace
}  // namespace pangu
