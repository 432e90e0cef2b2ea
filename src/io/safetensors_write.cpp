// SPDX-License-Identifier: Apache-2.0
// Writing of safetensors files, one tensor at a time.
#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "io/atomic_file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "io/safetensors_header.h"

namespace pangu {
namespace {

std::uint64_t checked_bytes(const SafetensorsEntry& entry, const std::string& file) {
  std::uint64_t bytes = size_bytes(entry.dtype);
  for (const std::int64_t size : entry.shape) {
    if (size < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes)) {
      fail<FileError>(
          "[safetensors] {}: tensor '{}' cannot have the shape {}: sizes must not be "
          "negative, nor their product exceed 64 bits.",
          file, entry.name, shape_text(entry.shape));
    }
  }
  return bytes;
}

void check_names(std::span<const SafetensorsEntry> entries, const std::string& file) {
  std::set<std::string_view> names;
  for (const SafetensorsEntry& entry : entries) {
    const bool valid = utf8::find_invalid(entry.name) == utf8::npos;
    if (!valid || entry.name == "__metadata__" || !names.insert(entry.name).second) {
      fail<FileError>(
          "[safetensors] {}: a tensor cannot be named '{}': names must be valid UTF-8, "
          "differ from each other and from __metadata__.",
          file, utf8::sanitized(entry.name));
    }
  }
}

/// Length and JSON of the header, padded with spaces so that the data starts at a multiple of 8.
std::string header_bytes(const std::vector<const SafetensorsEntry*>& order,
                         const SafetensorsMetadata& metadata, const std::string& file) {
  // Joined by hand: a JSON object would sort the tensors, which are to be listed as they lie.
  std::string text = "{";
  if (!metadata.empty()) text += fmt::format("\"__metadata__\":{}", Json(metadata).dump());
  std::uint64_t offset = 0;
  for (const SafetensorsEntry* entry : order) {
    const std::uint64_t end = offset + checked_bytes(*entry, file);
    std::string dtype(name(entry->dtype));
    std::ranges::transform(dtype, dtype.begin(), [](unsigned char c) { return std::toupper(c); });
    text += fmt::format(R"({}{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                        text.size() > 1 ? "," : "", Json(entry->name).dump(), dtype,
                        fmt::join(entry->shape, ","), offset, end);
    offset = end;
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxSafetensorsHeaderBytes) {
    fail<FileError>(
        "[safetensors] {}: the header takes {} bytes; at most {} are allowed. Write "
        "fewer tensors or less metadata.",
        file, text.size(), kMaxSafetensorsHeaderBytes);
  }
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(text.size() >> (8 * i) & 0xFF);
  return length + text;
}

void write_data(AtomicFile& out, const SafetensorsEntry& entry, const std::string& file) {
  const std::uint64_t needed = checked_bytes(entry, file);
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
        "[safetensors] {}: tensor '{}' is {} {}, which takes {} bytes, but {} were "
        "given. Nothing was written.",
        file, entry.name, name(entry.dtype), shape_text(entry.shape), needed, written);
  }
}

/// The order of the data: wider types first.
std::vector<const SafetensorsEntry*> data_order(std::span<const SafetensorsEntry> entries) {
  std::vector<const SafetensorsEntry*> order;
  order.reserve(entries.size());
  for (const SafetensorsEntry& entry : entries) order.push_back(&entry);
  std::ranges::stable_sort(order, std::greater<>(),
                           [](const SafetensorsEntry* e) { return size_bytes(e->dtype); });
  return order;
}

/// Everything before the data, with what the caller gave checked.
std::string checked_header(std::span<const SafetensorsEntry> entries,
                           const std::vector<const SafetensorsEntry*>& order,
                           const SafetensorsMetadata& metadata, const std::string& file) {
  check_names(entries, file);
  for (const auto& [key, value] : metadata) {
    utf8::require_valid(key, "a key of the safetensors metadata");
    utf8::require_valid(value, "a value of the safetensors metadata");
  }
  return header_bytes(order, metadata, file);
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const SafetensorsEntry> entries,
                       const SafetensorsMetadata& metadata) {
  const std::string file = path.string();
  const auto order = data_order(entries);
  const std::string header = checked_header(entries, order, metadata, file);
  AtomicFile out(path);
  out.write(header);
  for (const SafetensorsEntry* entry : order) write_data(out, *entry, file);
  out.commit();
}

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     std::span<const SafetensorsEntry> entries,
                                     const SafetensorsMetadata& metadata)
    : path_(path.string()), file_(path), tensors_(entries.size()) {
  const auto order = data_order(entries);
  const std::string header = checked_header(entries, order, metadata, path_);
  std::uint64_t offset = header.size();
  for (const SafetensorsEntry* entry : order) {
    const std::uint64_t end = offset + checked_bytes(*entry, path_);
    tensors_[static_cast<std::size_t>(entry - entries.data())] = {entry->name, offset, end};
    offset = end;
  }
  file_.write(header);
}

void SafetensorsWriter::write(std::size_t entry, std::span<const std::byte> bytes) {
  Tensor& tensor = tensors_.at(entry);
  if (bytes.size() > tensor.end - tensor.next) {
    fail<FileError>(
        "[safetensors] {}: tensor '{}' has room for {} more bytes, but {} were given. Nothing was "
        "written.",
        path_, tensor.name, tensor.end - tensor.next, bytes.size());
  }
  file_.write_at(tensor.next, bytes);
  tensor.next += bytes.size();
}

void SafetensorsWriter::commit() {
  for (const Tensor& tensor : tensors_) {
    if (tensor.next == tensor.end) continue;
    fail<FileError>("[safetensors] {}: tensor '{}' lacks {} bytes. Nothing was written.", path_,
                    tensor.name, tensor.end - tensor.next);
  }
  file_.commit();
}

}  // namespace pangu
