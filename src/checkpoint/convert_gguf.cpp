// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/convert_gguf.h"

// Writing a model as a GGUF file.
#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "checkpoint/convert_plan.h"
#include "checkpoint/model_name.h"
#include "checkpoint/model_tokenizer.h"
#include "io/gguf_write.h"
#include "models/gguf/gguf_config.h"
#include "models/gguf/gguf_layout.h"
#include "models/gguf/gguf_rope.h"
#include "models/gguf/gguf_source.h"
#include "pangu/tokenizer.h"
#include "text/gguf/tokenizer_gguf_write.h"

namespace pangu {
namespace {

constexpr std::uint32_t kQuantizationVersion = 2;
constexpr std::string_view kFileTypeKey = "general.file_type";
/// The mark of a file without a vocabulary.
constexpr std::string_view kNoVocabulary = "no_vocab";

/// "Guess from the tensors", of formats without a number of their own.
constexpr std::uint32_t kUnnumberedFileType = 1024;

std::vector<TokenId> end_tokens(const ModelFiles& model, const Tokenizer* tokenizer) {
  std::vector<TokenId> ids;
  const auto add = [&](TokenId id) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  };
  if (tokenizer && tokenizer->eos_id()) add(*tokenizer->eos_id());
  for (const TokenId id : model.generation.eos_token_ids) add(id);
  for (const TokenId id : model.config.eos_token_ids) add(id);
  return ids;
}

/// Everything but what depends on the tensors.
void put_keys(const ModelFiles& model, const ConvertPlan& plan, GgufKeys& keys,
              std::vector<std::string>& notes) {
  keys.put_string("general.architecture", gguf_architecture_of(plan.config).name);
  keys.put_string("general.type", "model");
  keys.put_string("general.name", model_name(model.path));
  put_model_config(plan.config, keys, notes);
  put_generation_config(model.generation, keys);
  const auto tokenizer = find_tokenizer(model);
  put_end_tokens(end_tokens(model, tokenizer.get()), keys, notes);
  if (tokenizer) {
    check_vocabulary(model, *tokenizer);
    text::put_tokenizer(model.path, *tokenizer, plan.config.vocab_size, keys, notes);
  } else {
    keys.put_string("tokenizer.ggml.model", kNoVocabulary);
    notes.emplace_back("The folder has no tokenizer, so the file holds no vocabulary.");
  }
  // Where the tokenizer names none, config.json may.
  const auto put_role = [&](std::string_view key, std::optional<TokenId> id) {
    if (id && !keys.contains(key)) keys.put_u32(key, static_cast<std::uint32_t>(*id));
  };
  put_role("tokenizer.ggml.bos_token_id", plan.config.bos_token_id);
  put_role("tokenizer.ggml.padding_token_id", plan.config.pad_token_id);
}

void copy_keys(const GgufMetadata& from, GgufKeys& keys) {
  for (const std::string_view key : from.keys()) {
    // What the new file says of itself; and it is no part of a split one, whatever the old one was.
    const bool is_own = key == kFileTypeKey || key == kQ4_0_64EncodingKey ||
                        key == "general.quantization_version" || key.starts_with("split.");
    if (!is_own) keys.copy(from, key);
  }
}

/// What llama.cpp's graph for the architecture needs or does not take.
void fit_biases(ConvertPlan& plan) {
  const GgufArchitecture& a = gguf_architecture_of(plan.config);
  const auto has_bias = [&](TensorRole role) {
    return std::ranges::any_of(plan.items, [&](const ConvertItem& i) {
      return i.tensor.is_bias && i.tensor.role == role;
    });
  };
  if ((has_bias(TensorRole::kAttentionOutput) && !a.takes_o_bias) ||
      (has_bias(TensorRole::kGate) && !a.takes_mlp_bias) || has_bias(TensorRole::kHead)) {
    plan.notes.push_back(fmt::format(
        "The model has biases that other readers of the architecture {} do not expect: pangu reads "
        "the file, but llama.cpp refuses it.",
        a.name));
  }
  if (a.needs_o_bias && !has_bias(TensorRole::kAttentionOutput)) {
    for (const TensorSpec& t : model_tensors(plan.config)) {
      if (t.is_bias && t.role == TensorRole::kAttentionOutput) plan.items.push_back({.tensor = t});
    }
    plan.notes.emplace_back("Output projections got biases of zero, which llama.cpp insists on.");
  }
}

class GgufModelWriter {
 public:
  GgufModelWriter(const ConvertPlan& plan, Converter& converter)
      : plan_(plan),
        converter_(converter),
        interleaved_(gguf_architecture_of(plan.config).interleaved_qk) {}

  /// Entries refer to the plan and the converter.
  std::vector<GgufEntry> entries() {
    std::vector<GgufEntry> entries;
    for (const ConvertItem& item : plan_.items) {
      const std::string name = gguf_tensor_name(plan_.config, item.tensor);
      entries.push_back(item.tensor.is_matrix() ? matrix_entry(item, name)
                                                : vector_entry(item, name));
    }
    factors_ = rope_factors(plan_.config);
    if (!factors_.empty()) {
      entries.push_back({.name = std::string(kRopeFactorsTensor),
                         .dims = {factors_.size()},
                         .data = std::as_bytes(std::span(factors_))});
    }
    return entries;
  }

 private:
  bool is_permuted(const ConvertItem& item) const {
    return interleaved_ && is_query_or_key(item.tensor.role);
  }

  GgufEntry matrix_entry(const ConvertItem& item, const std::string& name) {
    const TensorSpec& t = item.tensor;
    GgufEntry entry{.name = name,
                    .dims = {static_cast<std::uint64_t>(t.k), static_cast<std::uint64_t>(t.rows)},
                    .type = *format_info(item.to).gguf_type};
    entry.produce = [this, &item, name, bytes = entry.bytes()](const ByteSink& sink) {
      std::vector<std::int32_t> order;
      if (is_permuted(item)) order = split_places(item.tensor.rows, plan_.config.head_dim);
      converter_.matrix(item, order, [&](const EncodedRows& rows, int64_t) { sink(rows.part(0)); });
      converter_.wrote(item, name, std::string(pangu::name(item.to)),
                       static_cast<std::int64_t>(bytes));
    };
    return entry;
  }

  GgufEntry vector_entry(const ConvertItem& item, const std::string& name) {
    const std::int64_t n = item.tensor.rows;
    GgufEntry entry{.name = name, .dims = {static_cast<std::uint64_t>(n)}, .type = 0};
    entry.produce = [this, &item, name, n](const ByteSink& sink) {
      std::vector<float> values = converter_.vector(item);
      if (is_permuted(item)) {
        std::vector<float> ordered;
        for (const std::int32_t at : split_places(n, plan_.config.head_dim)) {
          ordered.push_back(values[static_cast<std::size_t>(at)]);
        }
        values = std::move(ordered);
      }
      sink(std::as_bytes(std::span(values)));
      converter_.wrote(item, name, "f32", n * static_cast<std::int64_t>(sizeof(float)));
    };
    return entry;
  }

  const ConvertPlan& plan_;
  Converter& converter_;
  bool interleaved_;
  std::vector<float> factors_;
};

}  // namespace

ConvertReport write_gguf_model(const ModelFiles& model, const std::filesystem::path& out,
                               const ConvertOptions& options, ThreadPool& threads) {
  ConvertPlan plan = plan_conversion(model, options);
  GgufKeys keys;
  if (model.gguf) {
    copy_keys(model.gguf->metadata(), keys);
  } else {
    fit_biases(plan);
    put_keys(model, plan, keys, plan.notes);
  }
  keys.put_u32(kFileTypeKey, format_info(plan.layers).gguf_file_type.value_or(kUnnumberedFileType));
  keys.put_u32("general.quantization_version", kQuantizationVersion);
  const bool has_q4_0_64 = std::ranges::any_of(plan.items, [](const ConvertItem& i) {
    return i.tensor.is_matrix() && i.to == WeightFormat::kQ4_0_64;
  });
  if (has_q4_0_64) {
    keys.put_string(kQ4_0_64EncodingKey, kQ4_0_64Encoding);
    plan.notes.emplace_back(
        "q4_0_64 is no type of upstream GGUF: pangu reads the file, but llama.cpp refuses it.");
  }
  Converter converter(model, plan, options, threads);
  GgufModelWriter writer(plan, converter);
  const std::vector<GgufEntry> entries = writer.entries();
  write_gguf(out, keys, entries);
  return converter.take_report();
}

}  // namespace pangu
