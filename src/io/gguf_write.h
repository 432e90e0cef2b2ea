// SPDX-License-Identifier: Apache-2.0
// Writing of GGUF files: version 3, little endian. The layout is in io/gguf_metadata.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/gguf_metadata.h"
#include "io/safetensors.h"

namespace pangu {

/// Metadata to write, in the order it was added. Each key may be added once; a repetition, or text
/// that is no valid UTF-8, is refused with ConfigError.
class GgufKeys {
 public:
  void put_string(std::string_view key, std::string_view value);
  void put_bool(std::string_view key, bool value);
  void put_u32(std::string_view key, std::uint32_t value);
  void put_i32(std::string_view key, std::int32_t value);
  void put_f32(std::string_view key, float value);
  void put_strings(std::string_view key, std::span<const std::string> values);
  void put_bytes(std::string_view key, std::string_view values);
  void put_u32s(std::string_view key, std::span<const std::uint32_t> values);
  void put_i32s(std::string_view key, std::span<const std::int32_t> values);
  void put_f32s(std::string_view key, std::span<const float> values);
  /// A key of another file with its value, bit for bit.
  void copy(const GgufMetadata& from, std::string_view key);

  bool contains(std::string_view key) const { return keys_.contains(key); }
  std::uint64_t count() const { return keys_.size(); }
  /// Keys and values as they lie in a file.
  const std::string& bytes() const { return bytes_; }
  /// Of tensor data: general.alignment where it was copied, else 32.
  std::uint32_t alignment() const { return alignment_; }

 private:
  void begin(std::string_view key);
  void put_text(std::string_view text);
  void begin_array(std::string_view key, GgufType element, std::uint64_t count);

  std::set<std::string, std::less<>> keys_;
  std::string bytes_;
  std::uint32_t alignment_ = 32;
};

/// One tensor to write. `produce` is called once and hands all bytes to the sink, in pieces of any
/// size, so that only a piece need be in memory; without it `data` is written.
struct GgufEntry {
  std::string name;
  std::vector<std::uint64_t> dims;  ///< fastest-varying first
  std::uint32_t type = 0;           ///< as io/gguf_types.h numbers them
  std::span<const std::byte> data = {};
  std::function<void(const ByteSink&)> produce = {};

  /// Bytes that the data takes; `dims` must fit the type.
  std::uint64_t bytes() const;
};

/// Writes a file that appears complete or not at all (see AtomicFile), its tensors in the order of
/// the entries. Throws FileError if it cannot be written, if names repeat, are no valid UTF-8 or
/// longer than the 63 bytes that readers take, if a shape does not fit its type, or if an entry has
/// more or fewer bytes than its shape needs.
void write_gguf(const std::filesystem::path& path, const GgufKeys& keys,
                std::span<const GgufEntry> entries);

}  // namespace pangu
