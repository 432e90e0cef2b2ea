// SPDX-License-Identifier: Apache-2.0
// Finds the safetensors files of a folder and joins them under one set of names.
#include "io/checkpoint.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/folder_names.h"
#include "io/json.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListed = 5;

/// The first few names, and how many more there are.
std::string listed(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMaxListed);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i ? ", " : "") + clipped(names[i]);
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::vector<std::string> ending_in(const std::vector<std::string>& names, std::string_view suffix) {
  std::vector<std::string> found;
  std::ranges::copy_if(names, std::back_inserter(found),
                       [&](const std::string& name) { return name.ends_with(suffix); });
  return found;
}

void check_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) {
    fail<FileError>("[load] {} does not exist; the folder of a model was expected. Check the path.",
                    folder.string());
  }
  if (!fs::is_directory(status)) {
    fail<FileError>(
        "[load] {} is not a folder{}; the folder of a model, with config.json and "
        "*.safetensors, was expected.",
        folder.string(), error ? " (" + error.message() + ")" : "");
  }
}

/// Explains a folder without an index that has several safetensors files or none.
[[noreturn]] void refuse_folder(const fs::path& folder, const std::vector<std::string>& names,
                                const std::vector<std::string>& weights) {
  if (!weights.empty()) {
    fail<FileError>(
        "[load] {} has {} safetensors files ({}) but no model.safetensors.index.json "
        "to join them. Fetch the index too.",
        folder.string(), weights.size(), listed(weights));
  }
  if (const auto gguf = ending_in(names, ".gguf"); !gguf.empty()) {
    fail<FileError>("[load] {} has no safetensors, but {}. Name that file instead of its folder.",
                    folder.string(), listed(gguf));
  }
  std::vector<std::string> torch = ending_in(names, ".bin");
  for (const char* suffix : {".pt", ".pth"})
    std::ranges::copy(ending_in(names, suffix), std::back_inserter(torch));
  if (!torch.empty()) {
    fail<FileError>(
        "[load] {} has PyTorch weights only ({}); safetensors were expected. Fetch the "
        "safetensors version, or convert with save_pretrained in transformers.",
        folder.string(), listed(torch));
  }
  fail<FileError>(
      "[load] {} has no weights: model.safetensors, or its shards with "
      "model.safetensors.index.json, were expected. {}",
      folder.string(), names.empty() ? "The folder is empty." : "It has " + listed(names) + ".");
}

/// The files that the index names, as a tensor-to-file map in the order of the tensors' names.
std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const Json json = read_json(index);
  const JsonObject map = JsonObject(index.string(), json).get_object("weight_map");
  std::map<std::string, std::string> files;
  for (const auto& [tensor, value] : map.json().items()) {
    const std::string& file = map.get_string(tensor);
    // A path would let an index from the network open files elsewhere on this machine.
    if (file.empty() || file == "." || file == ".." ||
        file.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
      map.reject(tensor, "the plain name of a file in the same folder");
    }
    files.emplace(tensor, file);
  }
  if (files.empty()) {
    fail<FileError>(
        "[load] {}: weight_map is empty. A file for each tensor was expected. Fetch "
        "the index again.",
        index.string());
  }
  return files;
}

}  // namespace

Checkpoint Checkpoint::open(const fs::path& folder) {
  check_folder(folder);
  Checkpoint checkpoint(folder);
  const std::vector<std::string> names = folder_names(folder);
  const std::vector<std::string> weights = ending_in(names, ".safetensors");
  if (std::ranges::binary_search(names, "model.safetensors")) {
    checkpoint.open_files({folder / "model.safetensors"});
  } else if (std::ranges::binary_search(names, "model.safetensors.index.json")) {
    checkpoint.open_index(folder / "model.safetensors.index.json");
  } else if (const auto other = ending_in(names, ".safetensors.index.json"); other.size() == 1) {
    checkpoint.open_index(folder / other.front());
  } else if (weights.size() == 1) {
    checkpoint.open_files({folder / weights.front()});
  } else {
    refuse_folder(folder, names, weights);
  }
  return checkpoint;
}

void Checkpoint::open_index(const fs::path& index) {
  const std::map<std::string, std::string> weight_map = read_weight_map(index);
  std::set<std::string> shards;
  for (const auto& [tensor, file] : weight_map) shards.insert(file);

  std::vector<std::string> missing;
  std::vector<fs::path> paths;
  for (const std::string& shard : shards) {
    paths.push_back(folder_ / shard);
    std::error_code error;
    if (!fs::exists(paths.back(), error)) missing.push_back(shard);
  }
  if (!missing.empty()) {
    fail<FileError>(
        "[load] {}: {} of {} shards that {} lists are missing: {}. Fetch them into the "
        "same folder.",
        folder_.string(), missing.size(), shards.size(), index.filename().string(),
        listed(missing));
  }
  open_files(paths);

  for (const auto& [tensor, file] : weight_map) {
    const auto shard = std::ranges::find(paths, folder_ / file);
    if (!files_[static_cast<std::size_t>(shard - paths.begin())].find(tensor)) {
      fail<FileError>(
          "[load] {}: the index says that tensor '{}' is in {}, but it is not. Index "
          "and shards must come from one download: fetch both again.",
          folder_.string(), clipped(tensor), clipped(file));
    }
  }
}

void Checkpoint::open_files(const std::vector<fs::path>& paths) {
  // Reserved, because tensors_ points into the elements.
  files_.reserve(paths.size());
  std::map<std::string_view, const SafetensorsFile*> owner;
  for (const fs::path& path : paths) {
    const SafetensorsFile& file = files_.emplace_back(path);
    for (const TensorView& tensor : file.tensors()) {
      const auto [it, added] = owner.emplace(tensor.name, &file);
      if (!added) {
        fail<FileError>(
            "[load] {}: tensor '{}' is in two shards, {} and {}. Each may be in one: "
            "remove the file that does not belong, or fetch all again.",
            folder_.string(), clipped(tensor.name), it->second->path().filename().string(),
            path.filename().string());
      }
      tensors_.emplace(tensor.name, &tensor);
      total_bytes_ += tensor.data.size();
    }
  }
}

const TensorView* Checkpoint::find(std::string_view name) const {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? nullptr : it->second;
}

const TensorView& Checkpoint::require(std::string_view name,
                                      std::span<const std::int64_t> shape) const {
  const TensorView* tensor = find(name);
  if (!tensor) {
    fail<FileError>(
        "[load] {} has no tensor '{}'; {} was expected. It has {}. Do config.json and "
        "the weights belong together?",
        folder_.string(), name, shape_text(shape), listed(names()));
  }
  if (!std::ranges::equal(tensor->shape, shape)) {
    fail<ShapeError>(
        "[load] {}: tensor '{}' is {}, but config.json asks for {}. Do config.json "
        "and the weights belong together?",
        folder_.string(), name, shape_text(tensor->shape), shape_text(shape));
  }
  return *tensor;
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  names.reserve(tensors_.size());
  for (const auto& [name, tensor] : tensors_) names.emplace_back(name);
  return names;
}

void Checkpoint::drop(const TensorView& tensor) const {
  // Addresses of different mappings compare in a defined way through std::less only.
  const std::less_equal<const std::byte*> not_after;
  for (const SafetensorsFile& file : files_) {
    const std::span<const std::byte> bytes = file.bytes();
    const std::byte* end = bytes.data() + bytes.size();
    if (not_after(bytes.data(), tensor.data.data()) &&
        not_after(tensor.data.data() + tensor.data.size(), end)) {
      file.drop(tensor);
      return;
    }
  }
}

}  // namespace pangu
