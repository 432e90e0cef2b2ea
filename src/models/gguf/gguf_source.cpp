// SPDX-License-Identifier: Apache-2.0
#include "models/gguf/gguf_source.h"

#include <map>

#include "base/clipped.h"
#include "base/error.h"
#include "io/gguf_types.h"
#include "models/gguf/gguf_layout.h"
#include "models/gguf/gguf_rope.h"
#include "models/schema.h"
#include "quant/float_rows.h"

namespace pangu {
namespace {

constexpr std::string_view kFused = ".attn_qkv.";
constexpr std::string_view kParts[] = {".attn_q.", ".attn_k.", ".attn_v."};

std::string replaced(std::string name, std::string_view from, std::string_view to) {
  return name.replace(name.find(from), from.size(), to);
}

std::optional<DType> float_type(const GgufTensorType& type) {
  if (type.name == "f32") return DType::kF32;
  if (type.name == "f16") return DType::kF16;
  if (type.name == "bf16") return DType::kBF16;
  return std::nullopt;
}

/// "f32, f16, ...": what matrices may be stored as.
std::string known_matrix_types() {
  std::string known;
  for (const FormatInfo& info : weight_formats()) {
    if (info.gguf_type) known += (known.empty() ? "" : ", ") + std::string(info.name);
  }
  return known;
}

/// The key of q4_0_64 names its encoding, for which other programs have others.
bool has_known_q4_0_64(const GgufMetadata& metadata) {
  return metadata.find_string(kQ4_0_64EncodingKey) == kQ4_0_64Encoding;
}

bool is_supported(const GgufMetadata& metadata, const GgufTensorInfo& tensor) {
  const GgufTensorType* type = find_gguf_tensor_type(tensor.type);
  if (!type) return false;
  if (tensor.dims.size() < 2) return float_type(*type).has_value();
  const auto format = weight_format_of_gguf(type->id);
  return format && (*format != WeightFormat::kQ4_0_64 || has_known_q4_0_64(metadata));
}

std::string type_text(std::uint32_t id) {
  const GgufTensorType* type = find_gguf_tensor_type(id);
  if (!type) return fmt::format("the unknown type {}", id);
  return std::string(type->name);
}

class GgufSource : public WeightSource {
 public:
  GgufSource(const GgufFile& file, const ModelConfig& config)
      : file_(file),
        config_(config),
        q_rows_(config.n_heads * config.head_dim),
        kv_rows_(config.n_kv_heads * config.head_dim),
        interleaved_(find_gguf_architecture(file.metadata().get_string("general.architecture"))
                         ->interleaved_qk) {}

  bool has(const std::string& name) const override {
    const auto spec = find_tensor(config_, name);
    return spec && locate(*spec).tensor != nullptr;
  }

  StoredMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const Place place = require(name, {static_cast<std::uint64_t>(k)}, rows);
    const FormatInfo& format = format_info(format_of(*place.tensor));
    const std::size_t row_bytes = format.row_bytes(k);
    StoredMatrix m{.format = format.format, .rows = rows, .k = k};
    m.data = {place.tensor->data.data() + static_cast<std::size_t>(place.first_row) * row_bytes,
              row_bytes};
    if (is_interleaved(name)) m.order = interleaved_places(rows, config_.head_dim);
    return m;
  }

  std::vector<float> vector(const std::string& name, int64_t n) override {
    const Place place = require(name, {}, n);
    const auto dtype = float_type(*place.tensor->type);
    if (!dtype) refuse(*place.tensor, "f32, f16 and bf16 are known for vectors");
    std::vector<float> values(static_cast<std::size_t>(n));
    const std::size_t skip = static_cast<std::size_t>(place.first_row) * size_bytes(*dtype);
    load_as_f32(place.tensor->data.data() + skip, *dtype, n, values.data());
    if (!is_interleaved(name)) return values;
    std::vector<float> ordered;
    for (const std::int32_t at : interleaved_places(n, config_.head_dim)) {
      ordered.push_back(values[static_cast<std::size_t>(at)]);
    }
    return ordered;
  }

  void release(const std::string& name) override {
    const auto spec = find_tensor(config_, name);
    if (const GgufTensor* t = spec ? locate(*spec).tensor : nullptr) file_.drop(*t);
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const GgufTensor& t : file_.tensors()) {
      if (t.name == kRopeFactorsTensor) continue;  // part of the config
      const std::string name(t.name);
      if (name.find(kFused) == std::string::npos) {
        names.push_back(hf_tensor_name(config_, name).value_or(name));
        continue;
      }
      for (const std::string_view part : kParts) {
        const std::string split = replaced(name, kFused, part);
        names.push_back(hf_tensor_name(config_, split).value_or(split));
      }
    }
    return names;
  }

 private:
  /// A tensor, or the rows of a fused one.
  struct Place {
    const GgufTensor* tensor = nullptr;
    int64_t first_row = 0;
    bool is_fused = false;
  };

  bool is_interleaved(const std::string& name) const {
    return interleaved_ && is_query_or_key(find_tensor(config_, name)->role);
  }

  Place locate(const TensorSpec& spec) const {
    const std::string name = gguf_tensor_name(config_, spec);
    if (const GgufTensor* t = file_.find(name)) return {t};
    int64_t first_row = 0;
    for (std::size_t i = 0; i < std::size(kParts); ++i) {
      if (name.find(kParts[i]) != std::string::npos) {
        return {file_.find(replaced(name, kParts[i], kFused)), first_row, true};
      }
      first_row += i == 0 ? q_rows_ : kv_rows_;
    }
    return {};
  }

  /// The tensor, whose dimensions must be `dims` and then `rows`.
  Place require(const std::string& name, std::vector<std::uint64_t> dims, int64_t rows) const {
    const auto spec = find_tensor(config_, name);
    const Place place = spec ? locate(*spec) : Place{};
    if (!place.tensor) {
      fail<FileError>(
          "[gguf] {}: there is no tensor {} among the {} of the file. Is the file complete, and "
          "its architecture right?",
          path(), spec ? gguf_tensor_name(config_, *spec) : name, file_.tensors().size());
    }
    const int64_t all_rows = place.is_fused ? q_rows_ + 2 * kv_rows_ : rows;
    dims.push_back(static_cast<std::uint64_t>(all_rows));
    if (place.tensor->dims != dims) {
      fail<ShapeError>(
          "[gguf] {}: the tensor {} has the shape {}; {} was expected. Do metadata and tensors "
          "belong to one model?",
          path(), place.tensor->name, gguf_shape_text(place.tensor->dims), gguf_shape_text(dims));
    }
    return place;
  }

  WeightFormat format_of(const GgufTensor& t) const {
    const auto format = weight_format_of_gguf(t.type->id);
    if (!format) refuse(t, known_matrix_types() + " are known");
    if (*format == WeightFormat::kQ4_0_64 && !has_known_q4_0_64(file_.metadata())) {
      refuse(t, fmt::format("it is read where the key {} says '{}'", kQ4_0_64EncodingKey,
                            kQ4_0_64Encoding));
    }
    return *format;
  }

  [[noreturn]] void refuse(const GgufTensor& t, std::string_view known) const {
    fail<Unsupported>(
        "[gguf] {}: the tensor {} has type {}, which is not supported; {}. Use a file of another "
        "quantization, or f16.",
        path(), t.name, t.type->name, known);
  }

  std::string path() const { return file_.path().string(); }

  const GgufFile& file_;
  ModelConfig config_;
  int64_t q_rows_, kv_rows_;
  bool interleaved_;
};

}  // namespace

std::string unsupported_gguf_types(const GgufMetadata& metadata,
                                   std::span<const GgufTensorInfo> tensors) {
  struct Kind {
    std::int64_t tensors = 0;
    std::string_view example;
  };
  std::map<std::uint32_t, Kind> kinds;
  for (const GgufTensorInfo& t : tensors) {
    if (is_supported(metadata, t)) continue;
    Kind& kind = kinds[t.type];
    if (kind.tensors++ == 0) kind.example = t.name;
  }
  std::string text;
  for (const auto& [type, kind] : kinds) {
    text += fmt::format("{}{} ({} tensor{}, {} for one)", text.empty() ? "" : ", ", type_text(type),
                        kind.tensors, kind.tensors == 1 ? "" : "s", clipped(kind.example));
  }
  return text;
}

void require_supported_gguf_types(const GgufMetadata& metadata,
                                  std::span<const GgufTensorInfo> tensors) {
  const std::string unsupported = unsupported_gguf_types(metadata, tensors);
  if (unsupported.empty()) return;
  fail<Unsupported>(
      "[gguf] {} has tensors of types that are not supported: {}. Matrices may be {}, vectors f32, "
      "f16 and bf16; q4_0_64 needs the key {} to say '{}'. Use a file of another quantization, or "
      "f16.",
      metadata.file(), unsupported, known_matrix_types(), kQ4_0_64EncodingKey, kQ4_0_64Encoding);
}

std::unique_ptr<WeightSource> gguf_source(const GgufFile& file, const ModelConfig& config) {
  return std::make_unique<GgufSource>(file, config);
}

}  // namespace pangu
