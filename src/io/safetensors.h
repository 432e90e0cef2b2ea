// SPDX-License-Identifier: Apache-2.0
// Reading and writing of safetensors files.
//
// The format: 8 bytes, the length N of the header, little-endian; N bytes of JSON that give each
// tensor's dtype, shape and place; then the data, little-endian and row-major, without gaps.
// Source: github.com/huggingface/safetensors, README, section "Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/atomic_file.h"
#include "io/mapped_file.h"
#include "pangu/dtype.h"

namespace pangu {

/// A tensor as it lies in a file. `data` borrows from the file's mapping and may have any
/// alignment, because the format promises none: copy elements out or load them unaligned.
struct TensorView {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;
};

/// Number of elements: the product of the sizes, 1 for a scalar.
std::int64_t element_count(const TensorView& tensor);

/// "[7, 4096]", as messages show a shape.
std::string shape_text(std::span<const std::int64_t> shape);

using SafetensorsMetadata = std::map<std::string, std::string, std::less<>>;

struct SafetensorsContent {
  std::vector<TensorView> tensors;  ///< in the order of their data
  SafetensorsMetadata metadata;     ///< the file's __metadata__
};

/// Parses a whole file in memory; `file` names it in messages. Everything is checked here: header
/// length, JSON, each tensor's dtype, shape and place, and that the data is covered exactly once.
/// Throws FileError saying what is damaged and where, or Unsupported for a dtype that pangu lacks.
SafetensorsContent parse_safetensors(std::span<const std::byte> bytes, std::string_view file);

/// One open file. Movable; views stay valid as long as the object they came from, moved or not.
class SafetensorsFile {
 public:
  /// Throws as MappedFile and parse_safetensors do.
  explicit SafetensorsFile(const std::filesystem::path& path);
  SafetensorsFile(SafetensorsFile&&) = default;
  SafetensorsFile& operator=(SafetensorsFile&&) = default;

  /// Every tensor, in the order of their data: reading in this order reads the disk in sequence.
  const std::vector<TensorView>& tensors() const { return content_.tensors; }
  /// The tensor of this name, or nullptr.
  const TensorView* find(std::string_view name) const;
  const SafetensorsMetadata& metadata() const { return content_.metadata; }
  const std::filesystem::path& path() const { return file_.path(); }
  std::span<const std::byte> bytes() const { return file_.bytes(); }

  /// Gives the memory of a consumed tensor back; see MappedFile::drop.
  void drop(const TensorView& tensor) const;

 private:
  MappedFile file_;
  SafetensorsContent content_;
  std::map<std::string_view, std::size_t> index_;
};

/// Takes the next bytes of a tensor.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// One tensor to write. `produce` is called once and hands all bytes to the sink, in pieces of any
/// size, so that only a piece need be in memory; without it `data` is written.
struct SafetensorsEntry {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data = {};
  std::function<void(const ByteSink&)> produce = {};
};

/// Writes a file that appears complete or not at all (see AtomicFile). The data starts at a
/// multiple of 8 and wider types come first, so that every tensor is aligned to its element;
/// within a type the order of the entries is kept.
/// Throws FileError if it cannot be written, if names repeat or are no valid UTF-8, or if an entry
/// has more or fewer bytes than its shape needs.
void write_safetensors(const std::filesystem::path& path, std::span<const SafetensorsEntry> entries,
                       const SafetensorsMetadata& metadata = {});

/// Writes the same file in any order: for work that makes parts of several tensors at a time, such
/// as the codes and the scales of a quantized matrix.
class SafetensorsWriter {
 public:
  /// `entries` say what the file will hold; their data is not looked at. Throws as
  /// write_safetensors does.
  SafetensorsWriter(const std::filesystem::path& path, std::span<const SafetensorsEntry> entries,
                    const SafetensorsMetadata& metadata = {});

  /// Adds the next bytes of entry number `entry`. Throws FileError if it has no room for them.
  void write(std::size_t entry, std::span<const std::byte> bytes);
  /// Makes the file appear. Throws FileError if an entry lacks bytes.
  void commit();

 private:
  struct Tensor {
    std::string name;
    std::uint64_t next, end;  ///< places in the file
  };
  std::string path_;
  AtomicFile file_;
  std::vector<Tensor> tensors_;
};

}  // namespace pangu
