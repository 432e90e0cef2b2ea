// SPDX-License-Identifier: Apache-2.0
// Quantized matrices in checkpoints: what is read, and what is said of damaged ones.
#include "models/weights/weight_source.h"

#include <gmock/gmock.h>

#include "io/safetensors.h"
#include "quant/encoded_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;

constexpr const char* kName = "model.w.weight";
constexpr int64_t kRows = 3;

/// A checkpoint of one matrix whose tensors can be changed by name.
class OneMatrixFolder {
 public:
  explicit OneMatrixFolder(WeightFormat f)
      : format(f), k(format_info(f).block > 1 ? format_info(f).block : 41), rows(f, kRows, k) {
    std::vector<float> w(static_cast<std::size_t>(k));
    for (int64_t r = 0; r < kRows; ++r) {
      for (int64_t i = 0; i < k; ++i) w[size_t(i)] = float((r + 1) * (i % 11 - 5)) * 0.01f;
      rows.encode(r, w.data());
    }
    const auto parts = format_info(f).stored_parts();
    for (std::size_t p = 0; p < parts.size(); ++p) {
      tensors[kName + std::string(parts[p].suffix)] = {
          parts[p].dtype, {kRows, parts[p].columns(k)}, rows.part(p)};
    }
  }

  StoredMatrix matrix(const std::optional<QuantizationConfig>& config) {
    std::vector<SafetensorsEntry> entries;
    for (const auto& [name, t] : tensors) entries.push_back({name, t.dtype, t.shape, t.data});
    write_safetensors(scratch / "model.safetensors", entries);
    checkpoint = std::make_unique<Checkpoint>(Checkpoint::open(scratch.path()));
    source = checkpoint_source(*checkpoint, config);
    return source->matrix(kName, kRows, k);
  }
  StoredMatrix matrix() { return matrix(QuantizationConfig{.format = format, .tensors = {}}); }

  struct TensorData {
    DType dtype;
    std::vector<int64_t> shape;
    std::span<const std::byte> data;
  };
  WeightFormat format;
  int64_t k;
  EncodedRows rows;
  std::map<std::string, TensorData> tensors;
  test::ScratchDir scratch;
  std::unique_ptr<Checkpoint> checkpoint;
  std::unique_ptr<WeightSource> source;
};

TEST(WeightSource, ReadsEveryPartOfEveryFormat) {
  for (const FormatInfo& format : weight_formats()) {
    OneMatrixFolder folder(format.format);
    const StoredMatrix m = folder.matrix();
    EXPECT_EQ(m.format, format.format);
    for (int64_t r = 0; r < kRows; ++r) {
      std::vector<float> got(static_cast<std::size_t>(folder.k)), want(got.size());
      decode_row(m.row(r), folder.k, got.data());
      decode_row(folder.rows.row(r), folder.k, want.data());
      EXPECT_EQ(got, want) << format.name;
    }
    EXPECT_THAT(folder.source->names(), ElementsAre(kName)) << "parts are no weights of their own";
  }
}

TEST(WeightSource, ExceptionsByTensorName) {
  OneMatrixFolder folder(WeightFormat::kW8A16);
  const QuantizationConfig config{.format = WeightFormat::kW4A16G32,
                                  .tensors = {{kName, WeightFormat::kW8A8}}};
  EXPECT_EQ(folder.matrix(config).format, WeightFormat::kW8A8);
}

TEST(WeightSource, Int8WithScalesNeedsNoConfig) {
  EXPECT_EQ(OneMatrixFolder(WeightFormat::kW8A16).matrix(std::nullopt).format,
            WeightFormat::kW8A16);
  PANGU_EXPECT_ERROR(OneMatrixFolder(WeightFormat::kW4A16G32).matrix(std::nullopt), Unsupported,
                     kName, "u8", "pangu quantize");
}

TEST(WeightSource, DamagedMatricesAreNamed) {
  for (const WeightFormat format : {WeightFormat::kW8A16, WeightFormat::kW4A16G32Asym}) {
    for (const StoredPart& stored : format_info(format).stored_parts()) {
      const std::string tensor = kName + std::string(stored.suffix);
      if (!stored.suffix.empty()) {
        OneMatrixFolder missing(format);
        missing.tensors.erase(tensor);
        PANGU_EXPECT_ERROR(missing.matrix(), FileError, tensor.c_str(), "no tensor");
      }
      OneMatrixFolder shape(format);
      shape.tensors[tensor].shape = {stored.columns(shape.k), kRows};
      PANGU_EXPECT_ERROR(shape.matrix(), ShapeError, tensor.c_str(), "but config.json asks for");
      OneMatrixFolder dtype(format);
      dtype.tensors[tensor].dtype = stored.dtype == DType::kU8    ? DType::kI8
                                    : stored.dtype == DType::kI8  ? DType::kU8
                                    : stored.dtype == DType::kF16 ? DType::kBF16
                                                                  : DType::kF16;
      PANGU_EXPECT_ERROR(dtype.matrix(), FileError, tensor.c_str(), name(format).data(),
                         "Quantize it again");
    }
  }
}

TEST(WeightSource, AFormatOtherThanTheConfigNamesIsRefused) {
  OneMatrixFolder folder(WeightFormat::kW8A16);
  PANGU_EXPECT_ERROR(folder.matrix(QuantizationConfig{.format = WeightFormat::kW4A16G32}),
                     ShapeError, kName);
  PANGU_EXPECT_ERROR(folder.matrix(QuantizationConfig{.format = WeightFormat::kQ4_K}), ShapeError,
                     kName, "blocks of 256");
}

}  // namespace
}  // namespace pangu
