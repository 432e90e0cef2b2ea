// SPDX-License-Identifier: Apache-2.0
// A model on disk, in either form: a Hugging Face folder, or a GGUF file, which may be split.
#pragma once

#include <filesystem>
#include <memory>

#include "io/checkpoint.h"
#include "io/gguf_file.h"
#include "models/config/config.h"
#include "models/config/generation_config.h"
#include "models/weights/weight_source.h"

namespace pangu {

/// Opened and checked, but its weights not read. Movable.
struct ModelFiles {
  /// Throws FileError if there is nothing, or not all of it; Unsupported for a file that is no GGUF
  /// file; and what config, checkpoint and GGUF readers throw.
  static ModelFiles open(const std::filesystem::path& path);

  std::filesystem::path path;  ///< as resolve_model() found it
  ModelConfig config;
  GenerationConfig generation;
  std::unique_ptr<Checkpoint> checkpoint;  ///< of a folder, else null
  std::unique_ptr<GgufFile> gguf;          ///< of a file, else null
  std::unique_ptr<WeightSource> source;

  /// Bytes of all tensors together.
  std::int64_t weight_bytes() const;
};

/// What `path` means: the folder or file that locate_model() finds; in place of a folder without
/// safetensors its only GGUF model, and in place of a part of a split one the first part. Throws
/// FileError for a folder with several GGUF models, naming each.
std::filesystem::path resolve_model(const std::filesystem::path& path);

}  // namespace pangu
