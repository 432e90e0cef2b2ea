// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/convert_hf.h"

// Writing a GGUF model as a Hugging Face folder.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/last_name.h"
#include "checkpoint/convert_plan.h"
#include "checkpoint/model_name.h"
#include "checkpoint/model_tokenizer.h"
#include "checkpoint/planned_tensor.h"
#include "io/atomic_folder.h"
#include "io/json.h"
#include "models/gguf/gguf_config.h"
#include "quant/float_rows.h"
#include "text/huggingface/tokenizer_hf_write.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The values in `dtype` if that loses nothing, else in f32.
std::pair<DType, std::vector<std::byte>> stored_vector(const std::vector<float>& values,
                                                       DType dtype) {
  std::vector<std::byte> bytes(values.size() * size_bytes(dtype));
  bool is_exact = true;
  visit_float(dtype, [&]<class T>() {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const T stored = from_f32<T>(values[i]);
      is_exact = is_exact && std::bit_cast<std::uint32_t>(to_f32(stored)) ==
                                 std::bit_cast<std::uint32_t>(values[i]);
      store_unaligned(bytes.data(), static_cast<int64_t>(i), stored);
    }
  });
  if (is_exact) return {dtype, std::move(bytes)};
  return stored_vector(values, DType::kF32);
}

/// Vectors are read ahead: their type must be known before the file begins.
PlannedTensor planned_vector(const ConvertItem& item, DType dtype, Converter& converter) {
  const TensorSpec& t = item.tensor;
  auto [stored_as, bytes] = stored_vector(converter.vector(item), dtype);
  return {.parts = {{.name = t.name, .dtype = stored_as, .shape = {t.rows}}},
          .produce = [&item, &t, &converter, stored_as = stored_as,
                      bytes = std::move(bytes)](const PartSink& sink) {
            sink(0, bytes);
            converter.wrote(item, t.name, std::string(name(stored_as)), std::ssize(bytes));
          }};
}

PlannedTensor planned_matrix(const ConvertItem& item, Converter& converter) {
  const TensorSpec& t = item.tensor;
  PlannedTensor planned{.parts = stored_parts_of(t.name, t.rows, t.k, item.to), .produce = {}};
  planned.produce = [&item, &t, &converter, parts = planned.parts.size()](const PartSink& sink) {
    converter.matrix(item, {}, [&](const EncodedRows& rows, int64_t) {
      for (std::size_t p = 0; p < parts; ++p) sink(p, rows.part(p));
    });
    const FormatInfo& format = format_info(item.to);
    converter.wrote(item, t.name, std::string(format.name),
                    t.rows * static_cast<std::int64_t>(format.row_bytes(t.k)));
  };
  return planned;
}

void write_tensors(const fs::path& file, const ConvertPlan& plan, Converter& converter) {
  std::vector<PlannedTensor> tensors;
  for (const ConvertItem& item : plan.items) {
    tensors.push_back(item.tensor.is_matrix() ? planned_matrix(item, converter)
                                              : planned_vector(item, plan.float_type(), converter));
  }
  write_planned(file, tensors);
}

/// What the folder's config says of quantized matrices, if there are any.
std::optional<QuantizationConfig> quantization_of(const ConvertPlan& plan) {
  QuantizationConfig config{.format = plan.layers, .tensors = {}};
  bool any = false;
  for (const ConvertItem& i : plan.items) {
    if (!i.tensor.is_matrix() || format_info(i.to).is_float) continue;
    any = true;
    if (i.to != plan.layers) config.tensors.emplace(i.tensor.name, i.to);
  }
  return any ? std::optional(config) : std::nullopt;
}

std::string model_card(const ModelFiles& model, const ConvertPlan& plan,
                       const ConvertOptions& options) {
  const std::string name = model_name(model.path);
  std::string text = fmt::format(
      "# {0}\n\nConverted from the GGUF file {1}. The license of the original model holds for it "
      "too.\n\n",
      name, last_name(model.path));
  if (!options.command.empty()) text += "```console\n$ " + options.command + "\n```\n\n";
  text += fmt::format("Weights of the layers: {}.\n", pangu::name(plan.layers));
  for (const std::string& note : plan.notes) text += "\n" + note + "\n";
  return text;
}

}  // namespace

ConvertReport write_hf_model(const ModelFiles& model, const fs::path& out,
                             const ConvertOptions& options, ThreadPool& threads) {
  AtomicFolder folder(out);
  ConvertPlan plan = plan_conversion(model, options);
  if (has_vocabulary(model.gguf->metadata())) {
    text::write_hf_tokenizer(model.gguf->metadata(), folder.path());
  } else {
    plan.notes.emplace_back("The file has no vocabulary, so the folder has no tokenizer.");
  }
  Converter converter(model, plan, options, threads);
  write_tensors(folder.path() / "model.safetensors", plan, converter);
  ModelConfig config = plan.config;
  config.dtype = plan.float_type();
  config.quantization = quantization_of(plan);
  write_json(folder.path() / "config.json", to_json(config));
  write_json(folder.path() / "generation_config.json", to_json(model.generation));
  write_file_atomically(folder.path() / "README.md", model_card(model, plan, options));
  folder.commit();
  return converter.take_report();
}

}  // namespace pangu
