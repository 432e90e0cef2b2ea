// SPDX-License-Identifier: Apache-2.0
#include "apps/model/model_report.h"

#include <algorithm>

#include "base/error.h"
#include "checkpoint/model_tokenizer.h"
#include "io/checkpoint.h"
#include "io/gguf_file.h"
#include "io/locate_model.h"
#include "io/mapped_file.h"
#include "models/gguf/gguf_config.h"
#include "models/gguf/gguf_rope.h"
#include "models/gguf/gguf_source.h"
#include "models/model_files.h"
#include "models/parameter_count.h"
#include "models/schema.h"
#include "models/weights/output_head.h"
#include "models/weights/weight_source.h"
#include "ops/paged_attention.h"
#include "runtime/cache/context_length.h"
#include "runtime/model.h"
#include "text/gguf/tokenizer_gguf.h"
#include "text/huggingface/tokenizer_config.h"

namespace pangu::app {
namespace {

namespace fs = std::filesystem;

/// The part of the model that a tensor belongs to, or "other".
std::string part_name(const std::optional<ModelConfig>& config, std::string_view tensor) {
  // Scales and zero points of a quantized matrix are named after it.
  for (const std::string_view suffix : {"", "_scale", "_zero"}) {
    if (!config || !tensor.ends_with(suffix)) continue;
    const auto spec = find_tensor(*config, tensor.substr(0, tensor.size() - suffix.size()));
    if (spec) return std::string(name(part_of(spec->role)));
  }
  return "other";
}

/// Quantized matrices by the names of their tensors: codes under the matrix's own name, scales and
/// zero points beside it.
struct Quantized {
  WeightFormat format;
  std::int64_t parameters;  ///< of the matrix, at its codes; 0 at the other tensors
};

std::map<std::string, Quantized, std::less<>> quantized_tensors(const Checkpoint& checkpoint,
                                                                const ModelConfig& config) {
  std::map<std::string, Quantized, std::less<>> out;
  const auto source = checkpoint_source(checkpoint, config.quantization);
  for (const TensorSpec& m : model_tensors(config)) {
    if (!m.is_matrix() || !source->has(m.name)) continue;
    const FormatInfo& format = format_info(source->matrix(m.name, m.rows, m.k).format);
    if (format.is_float) continue;
    for (const StoredPart& part : format.stored_parts()) {
      out[m.name + std::string(part.suffix)] = {format.format, part.suffix.empty() ? m.count() : 0};
    }
  }
  return out;
}

/// Which matrix the output head is; what its config says wrongly is a problem.
OutputHead inspect_head(ModelReport& report, const Checkpoint& checkpoint) {
  const auto source = checkpoint_source(checkpoint, report.config->quantization);
  OutputHead head = find_output_head(*report.config, *source);
  report.config->tie_word_embeddings = head.is_embedding;
  if (!head.remark.empty()) report.problems.push_back("[info] " + head.remark);
  return head;
}

WeightsReport inspect_weights(ModelReport& of) {
  const Checkpoint checkpoint = Checkpoint::open(of.path);
  std::map<std::string, Quantized, std::less<>> quantized;
  WeightsReport report;
  if (of.config) {
    report.head_is_repeated = inspect_head(of, checkpoint).is_repeated;
    quantized = quantized_tensors(checkpoint, *of.config);
  }
  report.files = static_cast<std::int64_t>(checkpoint.files().size());
  for (const auto& [tensor_name, view] : checkpoint.tensors()) {
    const auto bytes = static_cast<std::int64_t>(view->data.size());
    const auto q = quantized.find(tensor_name);
    const bool is_quantized = q != quantized.end();
    const std::int64_t parameters = is_quantized ? q->second.parameters : element_count(*view);
    WeightsReport::Type& type =
        report.types[std::string(is_quantized ? name(q->second.format) : name(view->dtype))];
    type.tensors += is_quantized && parameters == 0 ? 0 : 1;
    type.parameters += parameters;
    type.bytes += bytes;
    report.parameters += parameters;
    report.bytes += bytes;
    report.bytes_by_part[part_name(of.config, tensor_name)] += bytes;
  }
  return report;
}

/// Notes an error as a problem of the report instead of failing.
template <class Work>
void attempt(ModelReport& report, Work work) {
  try {
    work();
  } catch (const Error& error) {
    report.problems.emplace_back(error.what());
  }
}

void inspect_chat_template(ModelReport& report, const std::string& source) {
  report.has_chat_template = !source.empty();
  if (!report.has_chat_template) return;
  attempt(report, [&] { report.thinking = ChatTemplate::parse(source, {}).thinking_style(); });
}

void inspect_tokenizer(ModelReport& report) {
  attempt(report, [&] { report.tokenizer = load_tokenizer(report.path); });
  if (report.tokenizer) inspect_chat_template(report, report.tokenizer->chat_template());
}

WeightsReport inspect_weights(const GgufFile& file, const std::optional<ModelConfig>& config) {
  WeightsReport report;
  report.files = std::ssize(file.files());
  for (const GgufTensor& t : file.tensors()) {
    const auto bytes = static_cast<std::int64_t>(t.data.size());
    // The factors of RoPE are a part of the config.
    const std::int64_t parameters = t.name == kRopeFactorsTensor ? 0 : t.count();
    WeightsReport::Type& type = report.types[std::string(t.type->name)];
    type.tensors += 1;
    type.parameters += parameters;
    type.bytes += bytes;
    report.parameters += parameters;
    report.bytes += bytes;
    const auto hf_name = config ? hf_tensor_name(*config, t.name) : std::nullopt;
    report.bytes_by_part[part_name(config, hf_name.value_or(std::string(t.name)))] += bytes;
  }
  return report;
}

void inspect_gguf_tensors(ModelReport& report) {
  const GgufFile whole(report.path,
                       [&](const GgufMetadata& metadata, std::span<const GgufTensorInfo> tensors) {
                         report.gguf->tensors = tensors.size();
                         attempt(report, [&] { require_supported_gguf_types(metadata, tensors); });
                       });
  attempt(report, [&] { report.config = gguf_model_config(whole.content()); });
  report.weights = inspect_weights(whole, report.config);
}

void inspect_gguf(ModelReport& report) {
  const MappedFile file(report.path);
  const GgufMetadata gguf = GgufMetadata::parse(file.bytes(), report.path.string());
  report.gguf = GgufReport{.version = gguf.version(), .tensors = gguf.tensors().size(), .keys = {}};
  for (const std::string_view key : gguf.keys()) {
    report.gguf->keys.emplace_back(key, gguf.describe(key));
  }
  if (!gguf.tensors().empty() || gguf.contains("split.count")) {
    attempt(report, [&] { inspect_gguf_tensors(report); });
  }
  if (!has_vocabulary(gguf)) return;
  attempt(report, [&] { report.tokenizer = text::make_tokenizer_gguf(gguf); });
  if (report.tokenizer) inspect_chat_template(report, report.tokenizer->chat_template());
}

void inspect_folder(ModelReport& report) {
  const bool has_config = fs::exists(report.path / "config.json");
  if (has_config) report.config = read_model_config(report.path);
  inspect_tokenizer(report);
  if (!report.tokenizer) {
    // The template needs no vocabulary, and may be all there is.
    attempt(report, [&] {
      inspect_chat_template(report, text::read_tokenizer_config(report.path).chat_template);
    });
  }
  attempt(report, [&] { report.weights = inspect_weights(report); });
  if (!has_config && !report.tokenizer && !report.weights) {
    fail<FileError>(
        "[info] {} has no config.json, no weights and no tokenizer. A Hugging Face folder, a GGUF "
        "file or a tokenizer was expected. Is the path right, and the download complete?",
        report.path.string());
  }
  if (!has_config) {
    report.problems.push_back(fmt::format(
        "[info] {} has no config.json, so the model's shape is not known.", report.path.string()));
  }
}

void compare_parameters(ModelReport& report) {
  if (!report.config || !report.weights) return;
  const ParameterCount count = parameter_count(*report.config);
  const std::int64_t expected =
      count.total() + (report.weights->head_is_repeated ? count.embedding : 0);
  if (report.weights->parameters != expected) {
    report.problems.push_back(
        fmt::format("[info] the weight files hold {} parameters, but the config describes {}.",
                    report.weights->parameters, expected));
  }
}

}  // namespace

std::int64_t ModelReport::kv_bytes_per_token(KvFormat format) const {
  const std::size_t page = KvStorage::page_bytes(
      {config->n_layers, config->n_kv_heads, config->head_dim, format}, *default_device());
  return static_cast<std::int64_t>(page) / kPagePositions;
}

std::int64_t ModelReport::weight_bytes() const {
  if (weights) return weights->bytes;
  const DType stored = config->dtype.value_or(DType::kBF16);
  return parameter_count(*config).total() * static_cast<std::int64_t>(size_bytes(stored));
}

std::int64_t ModelReport::default_context() const {
  return pangu::default_context(*config);
}

ModelReport inspect(const fs::path& path) {
  if (!fs::exists(path)) {
    fail<FileError>(
        "[info] there is no '{}'. A Hugging Face folder, a GGUF file or a tokenizer was expected. "
        "Check the path.{}",
        path.string(), bundled_models_hint(path));
  }
  ModelReport report;
  report.path = resolve_model(path);
  if (fs::is_directory(report.path)) {
    inspect_folder(report);
    compare_parameters(report);
  } else if (is_gguf_file(report.path)) {
    inspect_gguf(report);
    compare_parameters(report);
  } else {
    report.tokenizer = load_tokenizer(report.path);
    inspect_chat_template(report, report.tokenizer->chat_template());
  }
  return report;
}

}  // namespace pangu::app
