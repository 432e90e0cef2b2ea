// SPDX-License-Identifier: Apache-2.0
// Hugging Face folders with random weights, for tests that need files and no meaning.
#pragma once

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "io/atomic_file.h"
#include "io/safetensors.h"
#include "models/config/config_shapes.h"
#include "models/schema.h"
#include "models/weights/weight_source.h"
#include "quant/float_rows.h"
#include "tests/support/support.h"

namespace pangu::test {

/// A model of odd sizes: rows are no multiples of panels, inputs no multiples of most blocks.
inline ModelConfig odd_config() {
  ModelConfig c = *named_shape("openpangu-embedded-1b");
  c.hidden_size = 96, c.n_layers = 2, c.n_heads = 3, c.n_kv_heads = 1, c.head_dim = 22;
  c.intermediate_size = {70, 256};
  c.vocab_size = 131;
  c.eos_token_ids = {2};
  c.bos_token_id = 1;
  c.tie_word_embeddings = false;
  return c;
}

/// What pruning leaves of a model: layers of three widths, heads that together are narrower than
/// the hidden size, and a word on how it was done.
inline ModelConfig pruned_config() {
  ModelConfig c = odd_config();
  c.n_layers = 3, c.n_heads = 4, c.n_kv_heads = 2, c.head_dim = 16;
  c.intermediate_size = {70, 256, 33};
  c.pruning_config = {{"method", "activation"}, {"removed_layers", {1, 4}}};
  return c;
}

/// config.json and model.safetensors, written a matrix at a time. Vectors are f32.
inline void write_random_checkpoint(const std::filesystem::path& folder, ModelConfig config,
                                    DType dtype) {
  std::filesystem::create_directories(folder);
  config.dtype = dtype;
  const auto source = random_source(config, dtype, seed());
  std::vector<SafetensorsEntry> entries;
  for (const TensorSpec& t : model_tensors(config)) {
    if (!t.is_expected) continue;
    if (!t.is_matrix()) {
      entries.push_back({.name = t.name, .dtype = DType::kF32, .shape = {t.rows}});
      entries.back().produce = [&source, t](const ByteSink& sink) {
        const std::vector<float> values = source->vector(t.name, t.rows);
        sink(std::as_bytes(std::span(values)));
      };
      continue;
    }
    entries.push_back({.name = t.name, .dtype = dtype, .shape = {t.rows, t.k}});
    entries.back().produce = [&source, t, dtype](const ByteSink& sink) {
      const StoredMatrix stored = source->matrix(t.name, t.rows, t.k);
      const std::size_t bytes = static_cast<std::size_t>(t.k) * size_bytes(dtype);
      for (int64_t i = 0; i < t.rows; ++i) sink({stored.row(i).data, bytes});
    };
  }
  write_safetensors(folder / "model.safetensors", entries, {{"format", "pt"}});
  write_file_atomically(folder / "config.json", to_json(config).dump(2));
}

/// Changes one key of a folder's config.json.
inline void set_config_json(const std::filesystem::path& folder, const char* key,
                            const Json& value) {
  Json json = read_json(folder / "config.json");
  json[key] = value;
  write_file_atomically(folder / "config.json", json.dump(2));
}

/// Puts a NaN into an f32 tensor of a folder.
inline void spoil_f32(const std::filesystem::path& folder, const std::string& tensor,
                      std::int64_t element) {
  std::streamoff place = 0;
  {
    const SafetensorsFile file(folder / "model.safetensors");
    place = file.find(tensor)->data.data() - file.bytes().data() + 4 * element;
  }
  std::fstream file(folder / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  const float bad = std::numeric_limits<float>::quiet_NaN();
  file.seekp(place).write(reinterpret_cast<const char*>(&bad), sizeof bad);
}

/// Stores a tensor of a folder once more, under another name, in place of what has that.
inline void repeat_tensor(const std::filesystem::path& folder, std::string_view tensor,
                          std::string_view as) {
  const SafetensorsFile file(folder / "model.safetensors");
  std::vector<SafetensorsEntry> entries;
  for (const TensorView& t : file.tensors()) {
    if (t.name == as) continue;
    entries.push_back({.name = t.name, .dtype = t.dtype, .shape = t.shape, .data = t.data});
    if (t.name != tensor) continue;
    entries.push_back(entries.back());
    entries.back().name = as;
  }
  write_safetensors(folder / "model.safetensors", entries);
}

/// Stores the embedding once more, as the output head.
inline void repeat_embedding_as_head(const std::filesystem::path& folder) {
  repeat_tensor(folder, "model.embed_tokens.weight", "lm_head.weight");
}

}  // namespace pangu::test
