// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder: one safetensors file, or shards joined by an index.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/safetensors.h"

namespace pangu {

/// Every tensor of a folder, mapped and checked but not read. Movable; views last as long as it.
class Checkpoint {
 public:
  /// Opens `model.safetensors`; or the shards that `model.safetensors.index.json`, or the only
  /// *.safetensors.index.json, lists; or the only *.safetensors file there is. The index may list
  /// plain file names only. Tensors of a shard that the index leaves out are found too. Throws
  /// FileError: no folder, no weights (naming what is there instead), shards that are missing (each
  /// named), a damaged file or index, a tensor that is absent from its shard or in two.
  static Checkpoint open(const std::filesystem::path& folder);

  /// The tensor of this name, or nullptr.
  const TensorView* find(std::string_view name) const;
  /// The tensor of this name. Throws FileError if there is none, ShapeError if its shape differs.
  const TensorView& require(std::string_view name, std::span<const std::int64_t> shape) const;
  const TensorView& require(std::string_view name,
                            std::initializer_list<std::int64_t> shape) const {
    return require(name, std::span(shape.begin(), shape.size()));
  }

  /// Every tensor by name, in order of the names.
  const std::map<std::string_view, const TensorView*>& tensors() const { return tensors_; }
  std::vector<std::string> names() const;
  /// Bytes of all tensors together, headers not counted.
  std::uint64_t total_bytes() const { return total_bytes_; }
  const std::filesystem::path& folder() const { return folder_; }
  /// The safetensors files, in the order they were opened.
  const std::vector<SafetensorsFile>& files() const { return files_; }

  /// Gives the memory of a consumed tensor back, so that loading a model does not hold it twice.
  void drop(const TensorView& tensor) const;

 private:
  explicit Checkpoint(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void open_index(const std::filesystem::path& index);
  void open_files(const std::vector<std::filesystem::path>& paths);

  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string_view, const TensorView*> tensors_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace pangu
