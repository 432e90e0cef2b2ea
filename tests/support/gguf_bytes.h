// SPDX-License-Identifier: Apache-2.0
// Builds small GGUF files in memory, well-formed or damaged at will.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::test {

/// Appends numbers as they lie in memory, and strings with their length.
class GgufBytes {
 public:
  template <class T>
  GgufBytes& number(T value) {
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    bytes_.append(raw, sizeof(T));
    return *this;
  }
  GgufBytes& string(std::string_view text) {
    number<std::uint64_t>(text.size());
    bytes_ += text;
    return *this;
  }
  GgufBytes& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  GgufBytes& pad(std::size_t alignment) {
    bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }

  /// "GGUF", version and the two counts.
  GgufBytes& header(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3) {
    return raw("GGUF").number(version).number(tensors).number(keys);
  }
  GgufBytes& key_string(std::string_view key, std::string_view value) {
    return string(key).number<std::uint32_t>(8).string(value);
  }
  GgufBytes& key_bool(std::string_view key, bool value) {
    return string(key).number<std::uint32_t>(7).number<std::uint8_t>(value);
  }
  GgufBytes& key_u32(std::string_view key, std::uint32_t value) {
    return string(key).number<std::uint32_t>(4).number(value);
  }
  GgufBytes& key_strings(std::string_view key, const std::vector<std::string>& values) {
    string(key).number<std::uint32_t>(9).number<std::uint32_t>(8);
    number<std::uint64_t>(values.size());
    for (const std::string& value : values) string(value);
    return *this;
  }
  GgufBytes& key_floats(std::string_view key, const std::vector<float>& values) {
    string(key).number<std::uint32_t>(9).number<std::uint32_t>(6);
    number<std::uint64_t>(values.size());
    for (const float value : values) number(value);
    return *this;
  }
  GgufBytes& key_i32s(std::string_view key, const std::vector<std::int32_t>& values) {
    string(key).number<std::uint32_t>(9).number<std::uint32_t>(5);
    number<std::uint64_t>(values.size());
    for (const std::int32_t value : values) number(value);
    return *this;
  }
  GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& dims,
                    std::uint32_t type, std::uint64_t offset) {
    string(name).number(static_cast<std::uint32_t>(dims.size()));
    for (const std::uint64_t dim : dims) number(dim);
    return number(type).number(offset);
  }

  const std::string& text() const { return bytes_; }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(bytes_)); }

 private:
  std::string bytes_;
};

}  // namespace pangu::test
