// SPDX-License-Identifier: Apache-2.0
#include "models/gguf/gguf_config.h"

#include <algorithm>
#include <cmath>

#include "base/clipped.h"
#include "base/error.h"
#include "models/config/config_limits.h"
#include "models/gguf/gguf_layout.h"
#include "models/gguf/gguf_rope.h"

namespace pangu {
namespace {

// As wide as those of config.json.

/// Its JSON as text: other readers have no place for it, and pass over the key.
constexpr std::string_view kPruningKey = "pangu.pruning_config";

constexpr std::string_view kEndTokens[] = {
    "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};

const GgufArchitecture& read_architecture(const GgufMetadata& gguf) {
  const std::string_view name = gguf.get_string("general.architecture");
  if (const GgufArchitecture* found = find_gguf_architecture(name)) return *found;
  fail<Unsupported>(
      "[gguf] {}: the architecture '{}' (general.architecture) is not known. Known: {}. A model of "
      "one of these is needed.",
      gguf.file(), clipped(name), gguf_architecture_names());
}

[[noreturn]] void reject(const GgufMetadata& gguf, std::string_view key,
                         std::string_view expected) {
  fail<ConfigError>("[gguf] {}: the key {} is {}; {} was expected. Convert the model again.",
                    gguf.file(), key, gguf.describe(key), expected);
}

/// A number, or an array with the same number for each layer, as pruned models of others have.
std::int64_t same_for_all(const GgufMetadata& gguf, const std::string& key, std::int64_t max) {
  const auto values = gguf.get_ints(key, 1, max);
  if (values.empty() || !std::ranges::all_of(values, [&](auto v) { return v == values.front(); })) {
    fail<Unsupported>(
        "[gguf] {}: the key {} differs between layers, which is not supported. Use a model whose "
        "layers have as many heads each.",
        gguf.file(), key);
  }
  return values.front();
}

void read_sizes(const GgufMetadata& gguf, const std::string& prefix, ModelConfig& c) {
  const auto size = [&](const char* key, std::int64_t max) {
    return gguf.get_int(prefix + key, 1, max);
  };
  c.hidden_size = size(".embedding_length", kMaxHidden);
  c.n_layers = size(".block_count", kMaxLayers);
  c.max_position_embeddings = size(".context_length", std::int64_t{1} << 31);
  const std::string heads = prefix + ".attention.head_count", kv_heads = heads + "_kv";
  c.n_heads = same_for_all(gguf, heads, kMaxHeads);
  c.n_kv_heads = gguf.contains(kv_heads) ? same_for_all(gguf, kv_heads, kMaxHeads) : c.n_heads;
  if (c.n_heads % c.n_kv_heads != 0) {
    reject(gguf, kv_heads, fmt::format("a divisor of head_count = {}", c.n_heads));
  }
  const std::string key_length = prefix + ".attention.key_length";
  c.head_dim = gguf.find_int(key_length, 1, kMaxHeadDim).value_or(c.hidden_size / c.n_heads);
  if (c.head_dim < 2 || c.head_dim % 2 != 0 || c.head_dim > kMaxHeadDim) {
    reject(gguf, gguf.contains(key_length) ? key_length : prefix + ".embedding_length",
           "an even head size");
  }
  const std::string value_length = prefix + ".attention.value_length";
  if (gguf.find_int(value_length, 1, INT32_MAX).value_or(c.head_dim) != c.head_dim) {
    reject(gguf, value_length, fmt::format("the same as key_length, {},", c.head_dim));
  }
  const std::string widths = prefix + ".feed_forward_length";
  c.intermediate_size = gguf.get_ints(widths, 1, kMaxIntermediate);
  if (c.intermediate_size.size() == 1) {
    c.intermediate_size.resize(static_cast<std::size_t>(c.n_layers), c.intermediate_size.front());
  }
  if (std::ssize(c.intermediate_size) != c.n_layers) {
    reject(gguf, widths, fmt::format("one number, or one for each of the {} layers,", c.n_layers));
  }
}

/// Keys that change what a model computes in a way that pangu does not.
void refuse_extras(const GgufMetadata& gguf, const std::string& prefix) {
  const auto refuse = [&](const std::string& key) {
    fail<Unsupported>("[gguf] {}: {} is {}, which is not supported. Use another model.",
                      gguf.file(), key, gguf.describe(key));
  };
  for (const char* key : {".logit_scale", ".residual_scale", ".embedding_scale"}) {
    if (gguf.find_number(prefix + key).value_or(1) != 1) refuse(prefix + key);
  }
  if (gguf.find_int(prefix + ".expert_count", 0, INT32_MAX).value_or(0) != 0) {
    refuse(prefix + ".expert_count");
  }
  if (!gguf.find_bool(prefix + ".attention.causal").value_or(true)) {
    refuse(prefix + ".attention.causal");
  }
}

void read_tensors(const GgufContent& gguf, ModelConfig& c) {
  const GgufTensor* embedding = gguf.find("token_embd.weight");
  if (!embedding) {
    fail<FileError>(
        "[gguf] {} has {} tensors, but no token_embd.weight. Does it hold only a vocabulary? A "
        "model with its weights was expected.",
        gguf.metadata.file(), gguf.tensors.size());
  }
  if (embedding->dims.size() != 2 ||
      embedding->dims[0] != static_cast<std::uint64_t>(c.hidden_size) ||
      embedding->dims[1] > static_cast<std::uint64_t>(kMaxVocab)) {
    fail<ShapeError>(
        "[gguf] {}: token_embd.weight has the shape {}; [{}, vocabulary], the first as "
        "embedding_length says, was expected. Convert the model again.",
        gguf.metadata.file(), gguf_shape_text(embedding->dims), c.hidden_size);
  }
  c.vocab_size = static_cast<std::int64_t>(embedding->dims[1]);
  c.tie_word_embeddings = !gguf.find("output.weight");
  c.qkv_bias = gguf.find("blk.0.attn_q.bias") || gguf.find("blk.0.attn_qkv.bias");
  c.o_bias = gguf.find("blk.0.attn_output.bias") != nullptr;
  c.mlp_bias = gguf.find("blk.0.ffn_gate.bias") != nullptr;
  for (const auto& [type, dtype] :
       {std::pair{"f32", DType::kF32}, {"f16", DType::kF16}, {"bf16", DType::kBF16}}) {
    if (embedding->type->name == type) c.dtype = dtype;
  }
}

Json read_pruning(const GgufMetadata& gguf) {
  const auto text = gguf.find_string(kPruningKey);
  if (!text) return {};
  Json json = parse_json(*text, fmt::format("{}, key {}", gguf.file(), kPruningKey),
                         {.max_bytes = std::size_t{4} << 20});
  if (!json.is_object()) reject(gguf, kPruningKey, "a JSON object");
  return json;
}

/// Converters write -1, or its unsigned form, for "none".
std::optional<TokenId> token_id(const GgufMetadata& gguf, std::string_view key) {
  const auto id = gguf.find_int(key, -1, UINT32_MAX);
  if (!id || *id == -1 || *id > INT32_MAX) return std::nullopt;
  return static_cast<TokenId>(*id);
}

}  // namespace

ModelConfig gguf_model_config(const GgufContent& gguf) {
  const GgufMetadata& m = gguf.metadata;
  const GgufArchitecture& architecture = read_architecture(m);
  const std::string prefix(architecture.name);
  ModelConfig c;
  c.architecture = architecture.hf_name;
  c.model_type = c.row().model_type;
  refuse_extras(m, prefix);
  read_sizes(m, prefix, c);
  const std::string eps = prefix + ".attention.layer_norm_rms_epsilon";
  c.rms_norm_eps = shortest_decimal(m.get_number(eps));
  if (c.rms_norm_eps < 1e-20 || c.rms_norm_eps > 1) reject(m, eps, "a number from 1e-20 to 1");
  read_tensors(gguf, c);
  c.rope = gguf_rope_config(gguf, prefix, c);
  const std::int64_t window =
      m.find_int(prefix + ".attention.sliding_window", 0, INT64_MAX).value_or(0);
  if (window > 0 && window < c.max_position_embeddings) c.sliding_window = window;
  c.bos_token_id = token_id(m, "tokenizer.ggml.bos_token_id");
  c.pad_token_id = token_id(m, "tokenizer.ggml.padding_token_id");
  c.eos_token_ids = gguf_end_tokens(m);
  c.pruning_config = read_pruning(m);
  return c;
}

void put_model_config(const ModelConfig& c, GgufKeys& keys, std::vector<std::string>& notes) {
  const GgufArchitecture& architecture = gguf_architecture_of(c);
  const std::string prefix(architecture.name);
  const auto put = [&](const char* key, std::int64_t value) {
    keys.put_u32(prefix + key, static_cast<std::uint32_t>(value));
  };
  put(".block_count", c.n_layers);
  put(".context_length", c.max_position_embeddings);
  put(".embedding_length", c.hidden_size);
  const auto& widths = c.intermediate_size;
  if (std::ranges::all_of(widths, [&](std::int64_t f) { return f == widths.front(); })) {
    put(".feed_forward_length", widths.front());
  } else {
    keys.put_u32s(prefix + ".feed_forward_length",
                  std::vector<std::uint32_t>(widths.begin(), widths.end()));
    notes.emplace_back(
        "Feed-forward layers differ in width: pangu reads that, but llama.cpp expects one width.");
  }
  put(".attention.head_count", c.n_heads);
  put(".attention.head_count_kv", c.n_kv_heads);
  put(".attention.key_length", c.head_dim);
  put(".attention.value_length", c.head_dim);
  keys.put_f32(prefix + ".attention.layer_norm_rms_epsilon", static_cast<float>(c.rms_norm_eps));
  if (c.sliding_window) {
    put(".attention.sliding_window", *c.sliding_window);
    notes.push_back(fmt::format(
        "The model attends to a window of {} tokens: pangu refuses longer texts, but llama.cpp "
        "attends to all of them.",
        *c.sliding_window));
  }
  put_rope_config(c, prefix, keys, notes);
  put(".vocab_size", c.vocab_size);
  if (!c.pruning_config.is_null()) {
    keys.put_string(kPruningKey, json_text(c.pruning_config));
  }
}

GenerationConfig gguf_generation_config(const GgufMetadata& gguf) {
  GenerationConfig c;
  const std::string prefix = "general.sampling.";
  const auto number = [&](const char* key, double neutral, double min, double max) {
    const auto found = gguf.find_number(prefix + key);
    if (!found) return neutral;
    const double value = shortest_decimal(*found);
    if (value < min || value > max) {
      reject(gguf, prefix + key, fmt::format("a number from {} to {}", min, max));
    }
    c.do_sample = true;
    return value;
  };
  c.temperature = number("temp", c.temperature, 0, 100);
  c.top_k = std::llround(number("top_k", 0, -1, INT32_MAX));
  c.top_k = std::max<std::int64_t>(c.top_k, 0);  // some write -1 for off
  c.top_p = number("top_p", c.top_p, 1e-6, 1);
  c.min_p = number("min_p", c.min_p, 0, 1);
  c.repetition_penalty = number("penalty_repeat", c.repetition_penalty, 1e-3, 1000);
  if (c.temperature == 0) c.do_sample = false;
  c.bos_token_id = token_id(gguf, "tokenizer.ggml.bos_token_id");
  c.pad_token_id = token_id(gguf, "tokenizer.ggml.padding_token_id");
  c.eos_token_ids = gguf_end_tokens(gguf);
  return c;
}

void put_generation_config(const GenerationConfig& config, GgufKeys& keys) {
  if (!config.do_sample) return;
  const std::string prefix = "general.sampling.";
  // Neutral values too: readers have defaults of their own.
  keys.put_f32(prefix + "temp", static_cast<float>(config.temperature));
  keys.put_i32(prefix + "top_k", static_cast<std::int32_t>(config.top_k));
  keys.put_f32(prefix + "top_p", static_cast<float>(config.top_p));
  keys.put_f32(prefix + "min_p", static_cast<float>(config.min_p));
  if (config.repetition_penalty != 1) {
    keys.put_f32(prefix + "penalty_repeat", static_cast<float>(config.repetition_penalty));
  }
}

void put_end_tokens(const std::vector<TokenId>& eos_ids, GgufKeys& keys,
                    std::vector<std::string>& notes) {
  for (std::size_t i = 0; i < std::min(eos_ids.size(), std::size(kEndTokens)); ++i) {
    keys.put_u32(kEndTokens[i], static_cast<std::uint32_t>(eos_ids[i]));
  }
  if (eos_ids.size() > std::size(kEndTokens)) {
    notes.push_back(
        fmt::format("{} tokens end a text, but GGUF has room for 3: the last ones were left out.",
                    eos_ids.size()));
  }
}

std::vector<TokenId> gguf_end_tokens(const GgufMetadata& gguf) {
  std::vector<TokenId> ids;
  for (const std::string_view key : kEndTokens) {
    const auto id = token_id(gguf, key);
    if (id && std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

}  // namespace pangu
