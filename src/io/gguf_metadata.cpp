// SPDX-License-Identifier: Apache-2.0
// Parsing of the GGUF header: every count and length is held against the bytes that are left before
// anything is allocated or read for it.
#include "io/gguf_metadata.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"
#include "io/gguf_types.h"
#include "io/lfs_pointer.h"

namespace pangu {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read in place");

/// Bytes of one value, or 0 for strings and arrays.
std::size_t fixed_size(GgufType type) {
  switch (type) {
    case GgufType::kU8:
    case GgufType::kI8:
    case GgufType::kBool:
      return 1;
    case GgufType::kU16:
    case GgufType::kI16:
      return 2;
    case GgufType::kU32:
    case GgufType::kI32:
    case GgufType::kF32:
      return 4;
    case GgufType::kU64:
    case GgufType::kI64:
    case GgufType::kF64:
      return 8;
    case GgufType::kString:
    case GgufType::kArray:
      return 0;
  }
  return 0;
}

bool is_integer(GgufType type) {
  return fixed_size(type) != 0 && type != GgufType::kF32 && type != GgufType::kF64 &&
         type != GgufType::kBool;
}

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

/// The integer at `at`, or nullopt if it is a u64 past the signed range.
std::optional<std::int64_t> load_int(GgufType type, const std::byte* at) {
  switch (type) {
    case GgufType::kU8:
      return load<std::uint8_t>(at);
    case GgufType::kI8:
      return load<std::int8_t>(at);
    case GgufType::kU16:
      return load<std::uint16_t>(at);
    case GgufType::kI16:
      return load<std::int16_t>(at);
    case GgufType::kU32:
      return load<std::uint32_t>(at);
    case GgufType::kI32:
      return load<std::int32_t>(at);
    case GgufType::kI64:
      return load<std::int64_t>(at);
    case GgufType::kU64: {
      const auto value = load<std::uint64_t>(at);
      if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

double load_number(GgufType type, const std::byte* at) {
  if (type == GgufType::kF32) return load<float>(at);
  if (type == GgufType::kF64) return load<double>(at);
  if (type == GgufType::kU64) return static_cast<double>(load<std::uint64_t>(at));
  return static_cast<double>(load_int(type, at).value_or(0));
}

std::string_view as_text(const std::byte* at, std::size_t size) {
  return {reinterpret_cast<const char*>(at), size};
}

}  // namespace

std::string_view name(GgufType type) {
  static constexpr std::string_view kNames[] = {"u8",  "i8",  "u16",  "i16",    "u32",
                                                "i32", "f32", "bool", "string", "array",
                                                "u64", "i64", "f64"};
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown type";
}

/// Walks the file front to back; refuses to step past its end.
struct GgufMetadata::Reader {
  std::span<const std::byte> bytes;
  const std::string& file;
  std::size_t at = 0;

  std::size_t left() const { return bytes.size() - at; }

  std::span<const std::byte> take(std::uint64_t size, std::string_view what) {
    if (size > left()) {
      fail<FileError>(
          "[gguf] {}: {} at byte {} takes {} bytes, but the file ends {} bytes later. "
          "Is it damaged or a partial download? Fetch it again.",
          file, what, at, size, left());
    }
    const auto taken = bytes.subspan(at, static_cast<std::size_t>(size));
    at += static_cast<std::size_t>(size);
    return taken;
  }

  template <class T>
  T number(std::string_view what) {
    return load<T>(take(sizeof(T), what).data());
  }

  std::string_view string(std::string_view what) {
    const auto size = number<std::uint64_t>(what);
    const auto taken = take(size, what);
    return as_text(taken.data(), taken.size());
  }

  GgufType type(std::string_view key) {
    const auto number_of_type = number<std::uint32_t>("a value type");
    if (number_of_type > static_cast<std::uint32_t>(GgufType::kF64)) {
      fail<FileError>(
          "[gguf] {}: the key '{}' has value type {}; the format defines 0 to 12. The "
          "file is damaged; fetch it again.",
          file, clipped(key), number_of_type);
    }
    return static_cast<GgufType>(number_of_type);
  }

  /// Refuses a count whose smallest possible entries would not fit the rest of the file.
  void check_count(std::uint64_t count, std::uint64_t least_bytes, std::string_view what) const {
    if (count > left() / least_bytes) {
      fail<FileError>(
          "[gguf] {}: {} {} are announced, but only {} bytes are left in the file. Is it "
          "damaged or a partial download? Fetch it again.",
          file, count, what, left());
    }
  }

  Value value(std::string_view key) {
    const std::size_t first = at;
    Value value{type(key), GgufType::kU8, 0, {}, {}};
    if (value.type == GgufType::kArray) {
      value.element = type(key);
      value.count = number<std::uint64_t>("an array length");
      const std::size_t size = fixed_size(value.element);
      if (value.element == GgufType::kArray) {
        fail<Unsupported>(
            "[gguf] {}: the key '{}' is an array of arrays, which is not supported. "
            "Remove it from the file.",
            file, clipped(key));
      }
      check_count(value.count, size == 0 ? 8 : size, "array elements");
      const std::size_t begin = at;
      if (size != 0) {
        take(value.count * size, "an array");
      } else {
        for (std::uint64_t i = 0; i < value.count; ++i) string("an array of strings");
      }
      value.bytes = bytes.subspan(begin, at - begin);
    } else if (value.type == GgufType::kString) {
      const std::string_view text = string("a string");
      value.bytes = std::as_bytes(std::span(text));
    } else {
      value.bytes = take(fixed_size(value.type), "a value");
    }
    value.encoded = as_text(bytes.data() + first, at - first);
    return value;
  }
};

GgufMetadata GgufMetadata::parse(std::span<const std::byte> bytes, std::string file) {
  GgufMetadata gguf;
  gguf.file_ = std::move(file);
  const std::string_view head = as_text(bytes.data(), bytes.size());
  refuse_lfs_pointer(head, gguf.file_);
  if (!head.starts_with("GGUF")) {
    fail<FileError>("[gguf] {} does not begin with 'GGUF' but with '{}'. A GGUF file was expected.",
                    gguf.file_, clipped(head.substr(0, 4)));
  }
  Reader reader{bytes, gguf.file_, 4};
  gguf.version_ = reader.number<std::uint32_t>("the version");
  if (gguf.version_ != 2 && gguf.version_ != 3) {
    const bool swapped = gguf.version_ == 0x02000000 || gguf.version_ == 0x03000000;
    fail<Unsupported>(
        "[gguf] {} has {}; versions 2 and 3, little endian, are supported. Convert it "
        "with a current tool.",
        gguf.file_, swapped ? "big-endian numbers" : fmt::format("version {}", gguf.version_));
  }
  const auto tensor_count = reader.number<std::uint64_t>("the tensor count");
  const auto key_count = reader.number<std::uint64_t>("the key count");
  gguf.read_keys(reader, key_count);
  gguf.read_tensors(reader, tensor_count);
  return gguf;
}

void GgufMetadata::read_keys(Reader& reader, std::uint64_t count) {
  reader.check_count(count, 8 + 4 + 1, "keys");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view key = reader.string("a key");
    if (utf8::find_invalid(key) != utf8::npos) {
      fail<FileError>(
          "[gguf] {}: key number {} ('{}') is not valid UTF-8. The file is damaged; "
          "fetch it again.",
          file_, i, clipped(key));
    }
    if (!values_.emplace(key, reader.value(key)).second) {
      fail<FileError>(
          "[gguf] {}: the key '{}' appears twice. Each key may appear once; write the "
          "file again with a current tool.",
          file_, clipped(key));
    }
    keys_.push_back(key);
  }
  alignment_ =
      static_cast<std::uint32_t>(find_int("general.alignment", 1, 1 << 30).value_or(alignment_));
  if (!std::has_single_bit(alignment_)) {
    reject("general.alignment", "a power of two");
  }
}

void GgufMetadata::read_tensors(Reader& reader, std::uint64_t count) {
  reader.check_count(count, 8 + 4 + 4 + 8, "tensors");
  std::unordered_set<std::string_view> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    GgufTensorInfo info;
    info.name = reader.string("a tensor name");
    const auto rank = reader.number<std::uint32_t>("a tensor rank");
    if (rank > kMaxGgufRank) {
      fail<FileError>(
          "[gguf] {}: the tensor '{}' has {} dimensions; at most {} were expected. The "
          "file is damaged; fetch it again.",
          file_, clipped(info.name), rank, kMaxGgufRank);
    }
    std::uint64_t elements = 1;
    for (std::uint32_t d = 0; d < rank; ++d) {
      const auto dim = reader.number<std::uint64_t>("a tensor dimension");
      if (dim == 0 || dim > static_cast<std::uint64_t>(INT64_MAX) / elements) {
        fail<FileError>(
            "[gguf] {}: the tensor '{}' has {} in dimension {}, after {} elements. "
            "Positive sizes whose product is below 2^63 were expected. The file is "
            "damaged; fetch it again.",
            file_, clipped(info.name), dim, d, elements);
      }
      elements *= dim;
      info.dims.push_back(dim);
    }
    info.type = reader.number<std::uint32_t>("a tensor type");
    info.offset = reader.number<std::uint64_t>("a tensor offset");
    if (utf8::find_invalid(info.name) != utf8::npos || !names.insert(info.name).second) {
      fail<FileError>(
          "[gguf] {}: the tensor name '{}' (number {}) is a repetition or not valid "
          "UTF-8. The file is damaged; fetch it again.",
          file_, clipped(info.name), i);
    }
    tensors_.push_back(std::move(info));
  }
  const std::uint64_t end = reader.at;
  data_offset_ = (end + alignment_ - 1) / alignment_ * alignment_;
}

const GgufMetadata::Value* GgufMetadata::find(std::string_view key) const {
  const auto it = values_.find(key);
  return it == values_.end() ? nullptr : &it->second;
}

const GgufMetadata::Value& GgufMetadata::require(std::string_view key,
                                                 std::string_view expected) const {
  const Value* value = find(key);
  if (!value) reject(key, expected);
  return *value;
}

void GgufMetadata::reject(std::string_view key, std::string_view expected) const {
  if (!contains(key)) {
    fail<ConfigError>(
        "[gguf] {}: the key {} is missing; {} was expected. Is this the right kind of "
        "file? Convert the model again with a current tool.",
        file_, key, expected);
  }
  fail<ConfigError>(
      "[gguf] {}: the key {} is {}; {} was expected. Convert the model again with a "
      "current tool.",
      file_, key, describe(key), expected);
}

std::string GgufMetadata::describe(std::string_view key) const {
  const Value* value = find(key);
  if (!value) return "missing";
  switch (value->type) {
    case GgufType::kString:
      return fmt::format("\"{}\"", clipped(as_text(value->bytes.data(), value->bytes.size())));
    case GgufType::kArray:
      return fmt::format("an array of {} {}", value->count, name(value->element));
    case GgufType::kBool:
      return load<std::uint8_t>(value->bytes.data()) != 0 ? "true" : "false";
    case GgufType::kF32:
      return fmt::format("{}", load<float>(value->bytes.data()));
    case GgufType::kF64:
      return fmt::format("{}", load<double>(value->bytes.data()));
    case GgufType::kU64:
      return fmt::format("{}", load<std::uint64_t>(value->bytes.data()));
    default:
      return fmt::format("{}", load_int(value->type, value->bytes.data()).value_or(0));
  }
}

std::string_view GgufMetadata::encoded_value(std::string_view key) const {
  return require(key, "any value").encoded;
}

std::optional<std::string_view> GgufMetadata::find_string(std::string_view key) const {
  const Value* value = find(key);
  if (!value) return std::nullopt;
  const std::string_view text = as_text(value->bytes.data(), value->bytes.size());
  if (value->type != GgufType::kString || utf8::find_invalid(text) != utf8::npos) {
    reject(key, "a string in UTF-8");
  }
  return text;
}

std::string_view GgufMetadata::get_string(std::string_view key) const {
  require(key, "a string");
  return *find_string(key);
}

std::optional<bool> GgufMetadata::find_bool(std::string_view key) const {
  const Value* value = find(key);
  if (!value) return std::nullopt;
  if (value->type != GgufType::kBool) reject(key, "true or false");
  return load<std::uint8_t>(value->bytes.data()) != 0;
}

std::int64_t GgufMetadata::checked_int(std::string_view key, GgufType type, const std::byte* at,
                                       std::int64_t min, std::int64_t max) const {
  const auto value = load_int(type, at);
  if (!value || *value < min || *value > max) {
    reject(key, fmt::format("whole numbers from {} to {}", min, max));
  }
  return *value;
}

std::int64_t GgufMetadata::get_int(std::string_view key, std::int64_t min, std::int64_t max) const {
  const Value& value = require(key, "a whole number");
  if (!is_integer(value.type)) reject(key, "a whole number");
  return checked_int(key, value.type, value.bytes.data(), min, max);
}

std::optional<std::int64_t> GgufMetadata::find_int(std::string_view key, std::int64_t min,
                                                   std::int64_t max) const {
  if (!contains(key)) return std::nullopt;
  return get_int(key, min, max);
}

double GgufMetadata::get_number(std::string_view key) const {
  const Value& value = require(key, "a number");
  if (fixed_size(value.type) == 0 || value.type == GgufType::kBool) reject(key, "a number");
  const double number = load_number(value.type, value.bytes.data());
  if (!std::isfinite(number)) reject(key, "a finite number");
  return number;
}

std::optional<double> GgufMetadata::find_number(std::string_view key) const {
  if (!contains(key)) return std::nullopt;
  return get_number(key);
}

const GgufMetadata::Value& GgufMetadata::require_array(std::string_view key,
                                                       std::string_view expected) const {
  const Value& value = require(key, expected);
  if (value.type != GgufType::kArray) reject(key, expected);
  return value;
}

std::vector<std::string_view> GgufMetadata::get_strings(std::string_view key) const {
  const Value& value = require_array(key, "an array of strings");
  if (value.element != GgufType::kString) reject(key, "an array of strings");
  std::vector<std::string_view> strings;
  strings.reserve(value.count);
  Reader reader{value.bytes, file_};
  for (std::uint64_t i = 0; i < value.count; ++i) strings.push_back(reader.string("a string"));
  return strings;
}

std::vector<std::int64_t> GgufMetadata::get_ints(std::string_view key, std::int64_t min,
                                                 std::int64_t max) const {
  if (is_integer(require(key, "an array of whole numbers").type)) return {get_int(key, min, max)};
  const Value& value = require_array(key, "an array of whole numbers");
  if (!is_integer(value.element)) reject(key, "an array of whole numbers");
  std::vector<std::int64_t> numbers(value.count);
  const std::size_t size = fixed_size(value.element);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = checked_int(key, value.element, value.bytes.data() + i * size, min, max);
  }
  return numbers;
}

std::vector<float> GgufMetadata::get_floats(std::string_view key) const {
  const Value& value = require_array(key, "an array of f32");
  if (value.element != GgufType::kF32) reject(key, "an array of f32");
  std::vector<float> numbers(value.count);
  if (!numbers.empty()) std::memcpy(numbers.data(), value.bytes.data(), value.bytes.size());
  return numbers;
}

std::string_view GgufMetadata::get_bytes(std::string_view key) const {
  const Value& value = require_array(key, "an array of bytes");
  if (value.element != GgufType::kU8 && value.element != GgufType::kI8) {
    reject(key, "an array of bytes");
  }
  return as_text(value.bytes.data(), value.bytes.size());
}

}  // namespace pangu
