// SPDX-License-Identifier: Apache-2.0
#include "quant/weight_format.h"

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "quant/encoded_rows.h"
#include "quant/float_rows.h"
#include "quant/stored_matrix.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using Rows = std::vector<std::vector<float>>;

Rows random_rows(int64_t n, int64_t k) {
  std::mt19937_64 rng(test::seed());
  std::normal_distribution<float> normal;
  Rows rows(static_cast<std::size_t>(n), std::vector<float>(static_cast<std::size_t>(k)));
  for (auto& row : rows) {
    for (float& x : row) x = normal(rng);
  }
  return rows;
}

int64_t whole_blocks(const FormatInfo& f, int64_t k) {
  return (k + f.block - 1) / f.block * f.block;
}

EncodedRows encode(const FormatInfo& f, const Rows& rows) {
  EncodedRows out(f.format, std::ssize(rows), std::ssize(rows[0]));
  for (int64_t r = 0; r < std::ssize(rows); ++r) out.encode(r, rows[size_t(r)].data());
  return out;
}

std::vector<float> decoded(const EncodedRows& rows, int64_t i, int64_t k) {
  std::vector<float> out(static_cast<std::size_t>(k));
  decode_row(rows.row(i), k, out.data());
  return out;
}

TEST(WeightFormat, GridsHoldWhatIsEncoded) {
  constexpr int64_t kK = 300;
  for (const FormatInfo& f : weight_formats()) {
    EXPECT_EQ(f.grid == nullptr, f.round == nullptr) << f.name;
    if (!f.grid) continue;
    for (const float size : {1.0f, 1e-9f, 0.0f, 3e4f}) {
      Rows rows = random_rows(1, kK);
      for (float& x : rows[0]) x *= size;
      const std::vector<float> got = decoded(encode(f, rows), 0, kK);
      const int64_t group = f.group > 0 ? f.group : kK;
      for (int64_t begin = 0; begin < kK; begin += group) {
        const int64_t n = std::min(group, kK - begin);
        const CodeGrid grid = f.grid(rows[0].data() + begin, n);
        for (int64_t i = begin; i < begin + n; ++i) {
          const int code = f.round(rows[0][size_t(i)], grid);
          EXPECT_LE(grid.lowest, code);
          EXPECT_LE(code, grid.highest);
          EXPECT_EQ(got[size_t(i)], grid.value(code)) << f.name << " " << size << " " << i;
        }
      }
    }
  }
}

TEST(WeightFormat, PanelsHoldExactlyWhatStoredRowsDecodeTo) {
  for (const FormatInfo& f : weight_formats()) {
    for (const int64_t n_rows : {1, 63, 64}) {
      for (const int64_t asked : {1, 2, 31, 33, 172, 300}) {
        const int64_t k = whole_blocks(f, asked);
        const EncodedRows stored = encode(f, random_rows(n_rows, k));
        std::vector<StoredRow> rows;
        for (int64_t r = 0; r < n_rows; ++r) rows.push_back(stored.row(r));
        std::vector<std::byte> panel(f.cpu.panel_bytes(k), std::byte{0xAA});
        f.cpu.pack(rows, k, panel.data());
        std::vector<float> got(static_cast<std::size_t>(k));
        for (int64_t r = 0; r < kPanelRows; ++r) {
          f.cpu.unpack_row(panel.data(), r, k, got.data());
          const auto want = r < n_rows ? decoded(stored, r, k) : std::vector<float>(got.size());
          for (std::size_t i = 0; i < got.size(); ++i) {
            ASSERT_EQ(got[i], want[i]) << f.name << " k " << k << " row " << r << " column " << i;
          }
        }
      }
    }
  }
}

TEST(WeightFormat, FloatRowsAreConvertedRoundingToNearestEven) {
  const Rows rows = random_rows(3, 77);
  for (const FormatInfo& f : weight_formats().first(3)) {
    const EncodedRows stored = encode(f, rows);
    for (int64_t r = 0; r < 3; ++r) {
      const auto got = decoded(stored, r, 77);
      for (std::size_t i = 0; i < got.size(); ++i) {
        float want = rows[size_t(r)][i];
        if (f.format == WeightFormat::kBF16) want = to_f32(to_bf16(want));
        if (f.format == WeightFormat::kF16) want = to_f32(to_f16(want));
        ASSERT_EQ(got[i], want) << f.name;
      }
    }
  }
}

TEST(WeightFormat, ErrorsStayWithinHalfAStepOfTheGrid) {
  for (const WeightFormat format :
       {WeightFormat::kW8A16, WeightFormat::kW4A16G32, WeightFormat::kW4A16G64,
        WeightFormat::kW4A16G128, WeightFormat::kW4A16G32Asym, WeightFormat::kW4A16G64Asym,
        WeightFormat::kW4A16G128Asym}) {
    const FormatInfo& f = format_info(format);
    const int64_t k = 200;  // the last group is short
    const Rows rows = random_rows(5, k);
    const EncodedRows stored = encode(f, rows);
    for (int64_t r = 0; r < 5; ++r) {
      const auto got = decoded(stored, r, k);
      float largest_error = 0.0f, largest = 0.0f;
      for (std::size_t i = 0; i < got.size(); ++i) {
        largest_error = std::max(largest_error, std::fabs(got[i] - rows[size_t(r)][i]));
        largest = std::max(largest, std::fabs(rows[size_t(r)][i]));
      }
      // A step is at most the range over the codes; rounding of scale and zero point adds a little.
      const bool asym = f.stored_parts().size() == 3;
      const float step = format == WeightFormat::kW8A16 ? largest / 127.0f
                         : asym                         ? 2 * largest / 15.0f
                                                        : largest / 7.0f;
      EXPECT_LE(largest_error, (asym ? 1.05f : 0.52f) * step) << f.name;
      EXPECT_GT(largest_error, 0.0f);
    }
  }
}

TEST(WeightFormat, W8KeepsItsCodesAndScalesConsistent) {
  const std::vector<float> w{1.0f, -0.5f, 0.25f, 0.0f, -1.0f};
  EncodedRows rows(WeightFormat::kW8A16, 2, 5);
  rows.encode(0, w.data());
  const StoredRow row = rows.row(0);
  const auto* codes = reinterpret_cast<const std::int8_t*>(row.data);
  const float scale = to_f32(load_unaligned<bf16>(row.scales, 0));
  EXPECT_EQ(scale, to_f32(to_bf16(1.0f / 127.0f)));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(codes[i], std::clamp(std::nearbyint(w[size_t(i)] / scale), -127.0f, 127.0f));
  }
  const std::vector<float> zeros(5);
  rows.encode(1, zeros.data());
  EXPECT_EQ(decoded(rows, 1, 5), zeros) << "a row of zeros has a scale all the same";
  EXPECT_TRUE(same_stored_form(WeightFormat::kW8A16, WeightFormat::kW8A8));
  EXPECT_FALSE(same_stored_form(WeightFormat::kW4A16G32, WeightFormat::kQ4_0));
}

TEST(WeightFormat, ZerosDecodeToZerosInEveryFormat) {
  for (const FormatInfo& f : weight_formats()) {
    const int64_t k = whole_blocks(f, 100);
    const EncodedRows stored = encode(f, Rows(1, std::vector<float>(static_cast<std::size_t>(k))));
    for (const float x : decoded(stored, 0, k)) EXPECT_EQ(x, 0.0f) << f.name;
  }
}

TEST(WeightFormat, WhatHasNoCodeIsRefused) {
  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    std::vector<float> w(256, 1.0f);
    w[200] = bad;
    for (const FormatInfo& f : weight_formats()) {
      EncodedRows rows(f.format, 1, 256);
      if (f.is_float) {
        EXPECT_NO_THROW(rows.encode(0, w.data()));
      } else {
        PANGU_EXPECT_ERROR(rows.encode(0, w.data()), InputError, "not a number");
      }
    }
  }
  EncodedRows rows(WeightFormat::kW8A16, 1, 32);
  std::memset(rows.out(0).data, 0x80, 1);
  const StoredRow row = rows.row(0);
  std::vector<std::byte> panel(format_info(WeightFormat::kW8A16).cpu.panel_bytes(32));
  PANGU_EXPECT_ERROR(format_info(WeightFormat::kW8A16).cpu.pack({&row, 1}, 32, panel.data()),
                     InputError, "-128", "w8a16");
  PANGU_EXPECT_ERROR(require_block(format_info(WeightFormat::kQ4_K), 172, "down_proj"), ShapeError,
                     "down_proj", "172", "256", "q4_k");
}

TEST(WeightFormat, TheTableIsInTheOrderOfTheEnumeration) {
  for (const FormatInfo& f : weight_formats()) {
    EXPECT_EQ(&format_info(f.format), &f);
    EXPECT_EQ(parse_weight_format(f.name), f.format);
    if (f.gguf_type) {
      EXPECT_EQ(weight_format_of_gguf(*f.gguf_type), f.format);
    }
  }
  EXPECT_FALSE(parse_weight_format("q9").has_value());
  EXPECT_FALSE(weight_format_of_gguf(999).has_value());
  EXPECT_EQ(exact_format(DType::kBF16), WeightFormat::kBF16);
  PANGU_EXPECT_ERROR(exact_format(DType::kI8), Unsupported, "i8");
  PANGU_EXPECT_ERROR(require_weight_format("q9"), ConfigError, "'q9'", "w4a16-g64", "q6_k");
  // Letters of any case, and the name that was probably meant.
  EXPECT_EQ(parse_weight_format("Q4_K"), WeightFormat::kQ4_K);
  EXPECT_EQ(parse_weight_format("W4A16-G64-asym"), parse_weight_format("w4a16-g64-asym"));
  PANGU_EXPECT_ERROR(require_weight_format("q4-0"), ConfigError, "Did you mean q4_0?");
  EXPECT_EQ(format_info(WeightFormat::kQ4_0).bits_per_weight(256), 4.5);
  EXPECT_EQ(format_info(WeightFormat::kQ4_0_64).bits_per_weight(256), 4.25);
  EXPECT_EQ(format_info(WeightFormat::kQ6_K).bits_per_weight(256), 6.5625);
  EXPECT_EQ(format_info(WeightFormat::kW4A16G64Asym).bits_per_weight(256), 4.375);
}

}  // namespace
}  // namespace pangu
