// SPDX-License-Identifier: Apache-2.0
#include "models/model_files.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "io/folder_names.h"
#include "io/gguf_parts.h"
#include "io/locate_model.h"
#include "models/gguf/gguf_config.h"
#include "models/gguf/gguf_layout.h"
#include "models/gguf/gguf_source.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// Before anything else is looked at, unless the file is none of a model that is known: then that
/// comes first.
void check_types(const GgufMetadata& metadata, std::span<const GgufTensorInfo> tensors) {
  const auto architecture = metadata.find_string("general.architecture");
  if (!architecture || !find_gguf_architecture(*architecture)) return;
  require_supported_gguf_types(metadata, tensors);
}

void open_gguf(ModelFiles& model) {
  model.gguf = std::make_unique<GgufFile>(model.path, &check_types);
  model.config = gguf_model_config(model.gguf->content());
  model.generation = gguf_generation_config(model.gguf->metadata());
  model.source = gguf_source(*model.gguf, model.config);
}

void open_folder(ModelFiles& model) {
  model.config = read_model_config(model.path);
  model.generation = read_generation_config(model.path);
  model.checkpoint = std::make_unique<Checkpoint>(Checkpoint::open(model.path));
  model.source = checkpoint_source(*model.checkpoint, model.config.quantization);
}

bool has_safetensors(const fs::path& folder) {
  return std::ranges::any_of(folder_names(folder), [](const std::string& name) {
    return name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json");
  });
}

}  // namespace

ModelFiles ModelFiles::open(const fs::path& path) {
  ModelFiles model{.path = resolve_model(path)};
  std::error_code error;
  if (fs::is_directory(model.path, error)) {
    open_folder(model);
  } else if (!fs::exists(model.path, error)) {
    fail<FileError>(
        "[load] there is no '{}'. A Hugging Face folder, a GGUF file or the name of a bundled "
        "model was expected. Check the path.{}",
        path.string(), bundled_models_hint(path));
  } else if (is_gguf_file(model.path)) {
    open_gguf(model);
  } else {
    fail<Unsupported>(
        "[load] {} is a file, but no GGUF file. A model is loaded from a Hugging Face folder "
        "(config.json, safetensors, tokenizer) or a GGUF file. Give one of these.",
        path.string());
  }
  return model;
}

std::int64_t ModelFiles::weight_bytes() const {
  return static_cast<std::int64_t>(gguf ? gguf->tensor_bytes() : checkpoint->total_bytes());
}

fs::path resolve_model(const fs::path& given) {
  fs::path path = locate_model(given);
  std::error_code error;
  if (!fs::is_directory(path, error)) return first_gguf_part(path);
  // A config.json beside GGUF files alone belongs to the model that they were made of.
  if (has_safetensors(path)) return path;
  const std::vector<fs::path> found = gguf_models_in(path);
  if (found.empty()) return path;
  if (found.size() > 1) {
    std::string names;
    for (const fs::path& file : found) {
      names += (names.empty() ? "" : ", ") + clipped(file.filename().string());
    }
    fail<FileError>(
        "[load] {} has {} GGUF models: {}. Name one of these files instead of the folder.",
        path.string(), found.size(), names);
  }
  return found.front();
}

}  // namespace pangu
