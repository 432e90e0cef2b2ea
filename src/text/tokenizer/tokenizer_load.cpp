// SPDX-License-Identifier: Apache-2.0
// Finding out what kind of tokenizer a path holds.
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "base/log.h"
#include "io/gguf_file.h"
#include "io/gguf_metadata.h"
#include "io/gguf_parts.h"
#include "io/json.h"
#include "io/locate_model.h"
#include "io/mapped_file.h"
#include "pangu/tokenizer.h"
#include "text/gguf/tokenizer_gguf.h"
#include "text/huggingface/tokenizer_config.h"
#include "text/huggingface/tokenizer_json.h"
#include "text/sentencepiece/sentencepiece_tokenizer.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Tokenizer> load_json(const fs::path& path) {
  const Json json = read_json(path);
  return text::make_tokenizer_json(JsonObject(path.string(), json),
                                   text::read_tokenizer_config(path.parent_path()));
}

std::shared_ptr<const Tokenizer> load_gguf(const fs::path& path) {
  // The first part of a split model has the vocabulary.
  const fs::path first = first_gguf_part(path);
  const MappedFile file(first);
  const GgufMetadata metadata = GgufMetadata::parse(file.bytes(), first.string());
  check_gguf_part_name(first, metadata);
  return text::make_tokenizer_gguf(metadata);
}

std::shared_ptr<const Tokenizer> load_sentencepiece_file(const fs::path& path) {
  return text::load_sentencepiece(path, text::read_tokenizer_config(path.parent_path()));
}

/// The tokenizer of a folder's tokenizer.json, or of the tokenizer.model beside it where the former
/// has something that is not supported.
std::shared_ptr<const Tokenizer> load_json_or_model(const fs::path& json) {
  const fs::path model = json.parent_path() / "tokenizer.model";
  try {
    return load_json(json);
  } catch (const Unsupported& unsupported) {
    std::error_code error;
    if (!fs::exists(model, error)) throw;
    log::warning("{} Using {} instead.", unsupported.what(), model.string());
  }
  return load_sentencepiece_file(model);
}

bool has_extension(const fs::path& path, std::string_view extension) {
  return path.extension() == extension;
}

std::shared_ptr<const Tokenizer> load_folder(const fs::path& folder) {
  std::error_code error;
  if (const fs::path file = folder / "tokenizer.json"; fs::exists(file, error)) {
    return load_json_or_model(file);
  }
  if (const fs::path file = folder / "tokenizer.model"; fs::exists(file, error)) {
    return load_sentencepiece_file(file);
  }
  const std::vector<fs::path> ggufs = gguf_models_in(folder);
  if (ggufs.size() == 1) return load_gguf(ggufs.front());
  std::string names;
  for (const fs::path& file : ggufs) {
    names += (names.empty() ? " (" : ", ") + clipped(file.filename().string());
  }
  fail<FileError>(
      "[tokenizer] {} has no tokenizer.json, no tokenizer.model and {} .gguf files{}. One of "
      "these was expected. Download the tokenizer files of the model, or name the file.",
      folder.string(), ggufs.size(), names.empty() ? "" : names + ")");
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const fs::path& given) {
  const fs::path path = locate_model(given);
  std::error_code error;
  if (fs::is_directory(path, error)) return load_folder(path);
  if (has_extension(path, ".json")) return load_json(path);
  if (has_extension(path, ".model")) return load_sentencepiece_file(path);
  if (is_gguf_file(path)) return load_gguf(path);
  if (!fs::exists(path, error)) {
    fail<FileError>(
        "[tokenizer] there is no '{}'. A tokenizer file, a model's folder or the name of a bundled "
        "model was expected. Check the path.{}",
        path.string(), bundled_models_hint(path));
  }
  const MappedFile file(path);  // says so if it cannot be read
  fail<Unsupported>(
      "[tokenizer] {}: the name ends in neither .json (tokenizer.json) nor .model (SentencePiece), "
      "and it is no GGUF file. Name a tokenizer file or a model's folder.",
      path.string());
}

}  // namespace pangu
