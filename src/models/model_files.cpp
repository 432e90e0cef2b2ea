// SPDX-License-Identifier: Apache-2.0
#include "models/model_files.h"

#include <system_error>
#include <vector>

#include "base/error.h"
#include "models/gguf_config.h"
#include "models/gguf_source.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

void open_gguf(ModelFiles& model) {
  model.gguf = std::make_unique<GgufFile>(model.path);
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

}  // namespace

ModelFiles ModelFiles::open(const fs::path& path) {
  ModelFiles model{.path = resolve_model(path)};
  std::error_code error;
  if (fs::is_directory(model.path, error)) {
    open_folder(model);
  } else if (!fs::exists(model.path, error)) {
    fail<FileError>(
        "[load] there is no '{}'. A Hugging Face folder or a GGUF file was expected. Check the "
        "path.",
        path.string());
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

fs::path resolve_model(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error) || fs::exists(path / "config.json", error)) return path;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(path, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().extension() == ".gguf") found.push_back(it->path());
  }
  return found.size() == 1 ? found.front() : path;
}

}  // namespace pangu
