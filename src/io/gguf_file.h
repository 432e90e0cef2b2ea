// SPDX-License-Identifier: Apache-2.0
// GGUF files with their tensors: mapped and checked, not read. A tensor's data begins at a multiple
// of the file's alignment behind the header; rows of dims[0] elements follow each other without
// padding. Source: the GGUF specification in ggml's repository, docs/gguf.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/gguf_metadata.h"
#include "io/gguf_types.h"
#include "io/mapped_file.h"

namespace pangu {

/// A tensor as it lies in a file.
struct GgufTensor {
  std::string_view name;
  std::vector<std::uint64_t> dims;  ///< fastest-varying first: [columns, rows] of a matrix
  const GgufTensorType* type;
  std::span<const std::byte> data;

  /// Elements: the product of the dimensions.
  std::int64_t count() const;
};

/// Whether a file, which need not exist, is a GGUF file: by its name or its first bytes.
bool is_gguf_file(const std::filesystem::path& path);

/// "[64, 512]", as messages show dimensions.
std::string gguf_shape_text(std::span<const std::uint64_t> dims);

/// What a file holds. Immutable.
struct GgufContent {
  GgufMetadata metadata;
  std::vector<GgufTensor> tensors;  ///< in the order of the file's list
  std::unordered_map<std::string_view, std::size_t> index;

  /// The tensor of this name, or nullptr.
  const GgufTensor* find(std::string_view name) const;
};

/// Parses a whole file in memory; `bytes` must outlive the result, and `file` names it in messages.
/// Throws as GgufMetadata::parse does; Unsupported for a tensor type that is not known; FileError
/// if a row does not divide into blocks, or data lies outside the file or on that of another
/// tensor. Gaps between tensors are accepted: the specification asks for alignment alone.
GgufContent parse_gguf(std::span<const std::byte> bytes, const std::string& file);

/// Sees the keys of a model and the list of all its tensors before anything is made of them; may
/// throw.
using GgufCheck =
    std::function<void(const GgufMetadata& metadata, std::span<const GgufTensorInfo> tensors)>;

/// One open model: a file, or all parts of a split one. Movable; views stay valid as long as the
/// object they came from, moved or not.
class GgufFile {
 public:
  /// `path` may be any part of a split model. Throws as MappedFile and parse_gguf do, FileError for
  /// parts that are missing or do not belong together, and what `check` throws.
  explicit GgufFile(const std::filesystem::path& path, const GgufCheck& check = {});

  const GgufContent& content() const { return content_; }
  const GgufMetadata& metadata() const { return content_.metadata; }
  const std::vector<GgufTensor>& tensors() const { return content_.tensors; }
  const GgufTensor* find(std::string_view name) const { return content_.find(name); }
  /// The file, or the first part.
  const std::filesystem::path& path() const { return files_.front().path(); }
  /// All parts, in order.
  const std::vector<MappedFile>& files() const { return files_; }
  /// Bytes of all tensors together, headers not counted.
  std::uint64_t tensor_bytes() const;

  /// Gives the memory of a consumed tensor back; see MappedFile::drop.
  void drop(const GgufTensor& tensor) const;

 private:
  std::vector<MappedFile> files_;
  GgufContent content_;
};

}  // namespace pangu
