// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_write.h"

#include <cstring>

#include "base/error.h"
#include "base/utf8.h"
#include "io/atomic_file.h"
#include "io/gguf_file.h"
#include "io/gguf_types.h"

namespace pangu {
namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kMaxNameBytes = 63;

template <class T>
void append(std::string& out, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out.append(raw, sizeof(T));
}

void append_text(std::string& out, std::string_view text) {
  append<std::uint64_t>(out, text.size());
  out += text;
}

template <class T>
void append_all(std::string& out, std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append_type(std::string& out, GgufType type) {
  append(out, static_cast<std::uint32_t>(type));
}

std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
  return (size + alignment - 1) / alignment * alignment;
}

void check_entries(std::span<const GgufEntry> entries, const std::string& file) {
  std::set<std::string_view> names;
  for (const GgufEntry& entry : entries) {
    if (entry.name.empty() || entry.name.size() > kMaxNameBytes ||
        utf8::find_invalid(entry.name) != utf8::npos || !names.insert(entry.name).second) {
      fail<FileError>(
          "[gguf] {}: a tensor cannot be named '{}': names must be valid UTF-8 of 1 to {} bytes "
          "and "
          "differ from each other.",
          file, utf8::sanitized(entry.name), kMaxNameBytes);
    }
    const GgufTensorType& type = gguf_tensor_type(entry.type);
    bool fits = !entry.dims.empty() && entry.dims.size() <= kMaxGgufRank;
    std::uint64_t elements = 1;
    for (const std::uint64_t dim : entry.dims) {
      fits = fits && dim > 0 && !__builtin_mul_overflow(elements, dim, &elements) &&
             elements <= static_cast<std::uint64_t>(INT64_MAX) / type.block_bytes;
    }
    if (!fits || entry.dims.front() % type.block != 0) {
      fail<FileError>(
          "[gguf] {}: tensor '{}' cannot be {} {}: 1 to {} sizes, of which the first is a multiple "
          "of {}, were expected.",
          file, entry.name, type.name, gguf_shape_text(entry.dims), kMaxGgufRank, type.block);
    }
  }
}

/// Everything before the data, padded.
std::string header_bytes(const GgufKeys& keys, std::span<const GgufEntry> entries) {
  std::string out = "GGUF";
  append(out, kVersion);
  append<std::uint64_t>(out, entries.size());
  append(out, keys.count());
  out += keys.bytes();
  std::uint64_t offset = 0;
  for (const GgufEntry& entry : entries) {
    append_text(out, entry.name);
    append(out, static_cast<std::uint32_t>(entry.dims.size()));
    for (const std::uint64_t dim : entry.dims) append(out, dim);
    append(out, entry.type);
    append(out, offset);
    offset += padded(entry.bytes(), keys.alignment());
  }
  // A file without tensors has no data to align.
  if (!entries.empty()) out.resize(padded(out.size(), keys.alignment()));
  return out;
}

void write_data(AtomicFile& out, const GgufEntry& entry, const std::string& file) {
  const std::uint64_t needed = entry.bytes();
  std::uint64_t written = 0;
  const ByteSink sink = [&](std::span<const std::byte> bytes) {
    written += bytes.size();
    // Stop a runaway producer here, not when the disk is full.
    if (written <= needed) out.write(bytes);
  };
  if (entry.produce) {
    entry.produce(sink);
  } else {
    sink(entry.data);
  }
  if (written != needed) {
    fail<FileError>(
        "[gguf] {}: tensor '{}' is {} {}, which takes {} bytes, but {} were given. Nothing was "
        "written.",
        file, entry.name, gguf_tensor_type(entry.type).name, gguf_shape_text(entry.dims), needed,
        written);
  }
}

}  // namespace

void GgufKeys::begin(std::string_view key) {
  if (key.empty() || utf8::find_invalid(key) != utf8::npos || !keys_.emplace(key).second) {
    fail<ConfigError>(
        "[gguf] the key '{}' cannot be written: keys must be valid UTF-8, and each may be added "
        "once.",
        utf8::sanitized(key));
  }
  append_text(bytes_, key);
}

void GgufKeys::put_text(std::string_view text) {
  if (utf8::find_invalid(text) != utf8::npos) {
    fail<ConfigError>("[gguf] the text '{}' cannot be written: it is no valid UTF-8.",
                      utf8::sanitized(text));
  }
  append_text(bytes_, text);
}

void GgufKeys::begin_array(std::string_view key, GgufType element, std::uint64_t count) {
  begin(key);
  append_type(bytes_, GgufType::kArray);
  append_type(bytes_, element);
  append(bytes_, count);
}

void GgufKeys::put_string(std::string_view key, std::string_view value) {
  begin(key);
  append_type(bytes_, GgufType::kString);
  put_text(value);
}

void GgufKeys::put_bool(std::string_view key, bool value) {
  begin(key);
  append_type(bytes_, GgufType::kBool);
  append<std::uint8_t>(bytes_, value ? 1 : 0);
}

void GgufKeys::put_u32(std::string_view key, std::uint32_t value) {
  begin(key);
  append_type(bytes_, GgufType::kU32);
  append(bytes_, value);
}

void GgufKeys::put_i32(std::string_view key, std::int32_t value) {
  begin(key);
  append_type(bytes_, GgufType::kI32);
  append(bytes_, value);
}

void GgufKeys::put_f32(std::string_view key, float value) {
  begin(key);
  append_type(bytes_, GgufType::kF32);
  append(bytes_, value);
}

void GgufKeys::put_strings(std::string_view key, std::span<const std::string> values) {
  begin_array(key, GgufType::kString, values.size());
  for (const std::string& value : values) put_text(value);
}

void GgufKeys::put_bytes(std::string_view key, std::string_view values) {
  begin_array(key, GgufType::kU8, values.size());
  bytes_ += values;
}

void GgufKeys::put_u32s(std::string_view key, std::span<const std::uint32_t> values) {
  begin_array(key, GgufType::kU32, values.size());
  append_all(bytes_, values);
}

void GgufKeys::put_i32s(std::string_view key, std::span<const std::int32_t> values) {
  begin_array(key, GgufType::kI32, values.size());
  append_all(bytes_, values);
}

void GgufKeys::put_f32s(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::kF32, values.size());
  append_all(bytes_, values);
}

void GgufKeys::copy(const GgufMetadata& from, std::string_view key) {
  begin(key);
  bytes_ += from.encoded_value(key);
  if (key == "general.alignment") alignment_ = from.alignment();
}

std::uint64_t GgufEntry::bytes() const {
  const GgufTensorType& format = gguf_tensor_type(type);
  std::uint64_t blocks = 1;
  for (const std::uint64_t dim : dims) blocks *= dim;
  return blocks / format.block * format.block_bytes;
}

void write_gguf(const std::filesystem::path& path, const GgufKeys& keys,
                std::span<const GgufEntry> entries) {
  const std::string file = path.string();
  check_entries(entries, file);
  AtomicFile out(path);
  out.write(header_bytes(keys, entries));
  for (const GgufEntry& entry : entries) {
    write_data(out, entry, file);
    // Padded after the last one too, as readers that map whole blocks expect.
    out.write(std::string(padded(entry.bytes(), keys.alignment()) - entry.bytes(), '\0'));
  }
  out.commit();
}

}  // namespace pangu
