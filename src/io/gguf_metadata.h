// SPDX-License-Identifier: Apache-2.0
// What a GGUF file (versions 2 and 3, little endian) says before its tensor data begins: the
// key-value metadata, and name, shape, type and place of every tensor. Layout on disk:
//   "GGUF" u32 version, u64 tensor count, u64 key count, keys, tensor infos, padding, tensor data
//   key    = string, u32 type, value;   string = u64 bytes, UTF-8 without terminator
//   array  = u32 element type, u64 count, elements
//   tensor = string, u32 rank, u64 dims[rank] (fastest first), u32 type, u64 offset into the data
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace pangu {

/// Value types as the format numbers them.
enum class GgufType : std::uint32_t {
  kU8,
  kI8,
  kU16,
  kI16,
  kU32,
  kI32,
  kF32,
  kBool,
  kString,
  kArray,
  kU64,
  kI64,
  kF64
};

/// "u32", "string", ...
std::string_view name(GgufType type);

/// One tensor's entry. `dims` has the fastest-varying dimension first, as the format stores it.
struct GgufTensorInfo {
  std::string_view name;
  std::vector<std::uint64_t> dims;
  std::uint32_t type;    ///< ggml's number of the element format; this layer does not know formats
  std::uint64_t offset;  ///< first byte, counted from GgufMetadata::data_offset()
};

/// Metadata of one file. Strings and arrays stay where they are in the file and are read when asked
/// for, so a vocabulary of 150 thousand pieces costs one walk over its lengths. Immutable.
class GgufMetadata {
 public:
  /// `bytes` is the whole file, or as much of it as comes before the tensor data, and must outlive
  /// this object and every view it gives; `file` names it in messages. Throws FileError if a count,
  /// length or type does not fit the file, Unsupported for other versions, big-endian files and
  /// arrays of arrays. Where tensors lie is checked by parse_gguf (io/gguf_file.h).
  static GgufMetadata parse(std::span<const std::byte> bytes, std::string file);

  std::uint32_t version() const { return version_; }
  const std::string& file() const { return file_; }
  /// Keys in the order of the file.
  const std::vector<std::string_view>& keys() const { return keys_; }
  bool contains(std::string_view key) const { return values_.contains(key); }
  /// A value for people: numbers and strings as they are (long ones clipped), arrays by their size.
  std::string describe(std::string_view key) const;
  /// Type and value as they lie in the file, for writing them again. Throws ConfigError if the key
  /// is missing.
  std::string_view encoded_value(std::string_view key) const;

  // Getters throw ConfigError if the key is missing, has another type, or does not fit; those
  // returning optional give nullopt for a missing key only.

  std::string_view get_string(std::string_view key) const;
  std::optional<std::string_view> find_string(std::string_view key) const;
  std::optional<bool> find_bool(std::string_view key) const;
  /// Any integer type, within [min, max].
  std::int64_t get_int(std::string_view key, std::int64_t min, std::int64_t max) const;
  std::optional<std::int64_t> find_int(std::string_view key, std::int64_t min,
                                       std::int64_t max) const;
  /// Any number type; finite.
  double get_number(std::string_view key) const;
  std::optional<double> find_number(std::string_view key) const;
  /// An array of strings.
  std::vector<std::string_view> get_strings(std::string_view key) const;
  /// An array of integers of any width, each within [min, max]; a bare integer counts as an array
  /// of one.
  std::vector<std::int64_t> get_ints(std::string_view key, std::int64_t min,
                                     std::int64_t max) const;
  /// An array of f32.
  std::vector<float> get_floats(std::string_view key) const;
  /// An array of u8 or i8, as it lies in the file.
  std::string_view get_bytes(std::string_view key) const;

  const std::vector<GgufTensorInfo>& tensors() const { return tensors_; }
  /// Where tensor data begins in the file: after the infos, rounded up to general.alignment.
  std::uint64_t data_offset() const { return data_offset_; }
  std::uint32_t alignment() const { return alignment_; }

 private:
  /// Where a value lies; `element` and `count` belong to arrays.
  struct Value {
    GgufType type;
    GgufType element;
    std::uint64_t count;
    std::span<const std::byte> bytes;
    std::string_view encoded;  ///< with type and length
  };
  struct Reader;

  void read_keys(Reader& reader, std::uint64_t count);
  void read_tensors(Reader& reader, std::uint64_t count);
  const Value* find(std::string_view key) const;
  const Value& require(std::string_view key, std::string_view expected) const;
  const Value& require_array(std::string_view key, std::string_view expected) const;
  [[noreturn]] void reject(std::string_view key, std::string_view expected) const;
  std::int64_t checked_int(std::string_view key, GgufType type, const std::byte* at,
                           std::int64_t min, std::int64_t max) const;

  std::string file_;
  std::uint32_t version_ = 0;
  std::uint32_t alignment_ = 32;
  std::uint64_t data_offset_ = 0;
  std::vector<std::string_view> keys_;
  std::unordered_map<std::string_view, Value> values_;
  std::vector<GgufTensorInfo> tensors_;
};

}  // namespace pangu
