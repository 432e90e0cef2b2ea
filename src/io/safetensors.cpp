// SPDX-License-Identifier: Apache-2.0
// Reading of safetensors files: the header's claims checked against the bytes that are there.
#include "io/safetensors.h"

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "io/lfs_pointer.h"
#include "io/safetensors_header.h"

namespace pangu {
namespace {

constexpr std::size_t kLengthBytes = 8;

/// The JSON text of the header, after checking its length.
std::string_view header_text(std::span<const std::byte> bytes, std::string_view file) {
  if (bytes.size() < kLengthBytes) {
    fail<FileError>(
        "[safetensors] {} has {} bytes; the header's length alone takes {}. The file "
        "is truncated: restore or copy it anew.",
        file, bytes.size(), kLengthBytes);
  }
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  }
  if (length > kMaxSafetensorsHeaderBytes) {
    fail<FileError>(
        "[safetensors] {} claims a header of {} bytes; at most {} are allowed. Is this "
        "a safetensors file?",
        file, length, kMaxSafetensorsHeaderBytes);
  }
  if (length > bytes.size() - kLengthBytes) {
    fail<FileError>(
        "[safetensors] {} claims a header of {} bytes but has only {} after the "
        "length. The file is truncated: restore or copy it anew.",
        file, length, bytes.size() - kLengthBytes);
  }
  return {reinterpret_cast<const char*>(bytes.data()) + kLengthBytes,
          static_cast<std::size_t>(length)};
}

/// Bytes that the shape and dtype need; nothing if that exceeds 64 bits.
bool needed_bytes(DType dtype, std::span<const std::int64_t> shape, std::uint64_t& bytes) {
  bytes = size_bytes(dtype);
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes)) return false;
  }
  return true;
}

/// Checks one tensor by itself: order of its offsets, and their distance against the shape.
void check_size(const SafetensorsRecord& r, std::string_view file) {
  if (r.begin > r.end) {
    fail<FileError>(
        "[safetensors] {}: the data of tensor '{}' ends at byte {}, before its start "
        "at {}. The file is damaged: restore or copy it anew.",
        file, clipped(r.name), r.end, r.begin);
  }
  std::uint64_t needed = 0;
  if (!needed_bytes(r.dtype, r.shape, needed)) {
    fail<FileError>(
        "[safetensors] {}: the shape {} of tensor '{}' needs more than 2^64 bytes. The "
        "file is damaged: restore or copy it anew.",
        file, shape_text(r.shape), clipped(r.name));
  }
  if (needed != r.end - r.begin) {
    fail<FileError>(
        "[safetensors] {}: tensor '{}' is {} {}, which takes {} bytes, but its "
        "data_offsets [{}, {}] span {}. The file is damaged: restore or copy it anew.",
        file, clipped(r.name), name(r.dtype), shape_text(r.shape), needed, r.begin, r.end,
        r.end - r.begin);
  }
}

/// Checks that the records, sorted by place, cover `data_bytes` exactly once. The format demands
/// it, so that no byte of a file can hide.
void check_coverage(std::span<const SafetensorsRecord> records, std::uint64_t data_bytes,
                    std::string_view file) {
  std::uint64_t covered = 0;
  const SafetensorsRecord* previous = nullptr;
  for (const SafetensorsRecord& r : records) {
    if (r.end > data_bytes) {
      fail<FileError>(
          "[safetensors] {} is truncated: tensor '{}' ends at byte {} of the data, but "
          "only {} bytes are there. Fetch the file again.",
          file, clipped(r.name), r.end, data_bytes);
    }
    if (r.begin < covered) {
      fail<FileError>(
          "[safetensors] {}: tensors '{}' and '{}' overlap: one ends at byte {} of the "
          "data, the other starts at {}. The file is damaged: restore or copy it anew.",
          file, clipped(previous->name), clipped(r.name), covered, r.begin);
    }
    if (r.begin > covered) {
      fail<FileError>(
          "[safetensors] {}: bytes {} to {} of the data, before tensor '{}', belong to "
          "no tensor; the format allows no holes. Write the file anew.",
          file, covered, r.begin, clipped(r.name));
    }
    covered = r.end;
    previous = &r;
  }
  if (covered != data_bytes) {
    fail<FileError>(
        "[safetensors] {} has {} bytes after its last tensor, where it should end. The "
        "file is damaged: restore or copy it anew.",
        file, data_bytes - covered);
  }
}

}  // namespace

std::int64_t element_count(const TensorView& tensor) {
  return static_cast<std::int64_t>(tensor.data.size() / size_bytes(tensor.dtype));
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

SafetensorsContent parse_safetensors(std::span<const std::byte> bytes, std::string_view file) {
  refuse_lfs_pointer({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file);
  const std::string_view text = header_text(bytes, file);
  SafetensorsHeader header = parse_safetensors_header(text, file);

  for (const SafetensorsRecord& r : header.records) check_size(r, file);
  // Empty tensors share their place with the next one; they come first.
  std::ranges::sort(header.records, {},
                    [](const SafetensorsRecord& r) { return std::pair(r.begin, r.end); });
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + text.size());
  check_coverage(header.records, data.size(), file);

  SafetensorsContent content{.tensors = {}, .metadata = std::move(header.metadata)};
  content.tensors.reserve(header.records.size());
  for (SafetensorsRecord& r : header.records) {
    content.tensors.push_back({std::move(r.name), r.dtype, std::move(r.shape),
                               data.subspan(static_cast<std::size_t>(r.begin),
                                            static_cast<std::size_t>(r.end - r.begin))});
  }
  return content;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : file_(path), content_(parse_safetensors(file_.bytes(), path.string())) {
  for (std::size_t i = 0; i < content_.tensors.size(); ++i) {
    index_.emplace(content_.tensors[i].name, i);
  }
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto it = index_.find(name);
  return it == index_.end() ? nullptr : &content_.tensors[it->second];
}

void SafetensorsFile::drop(const TensorView& tensor) const {
  file_.drop(static_cast<std::size_t>(tensor.data.data() - file_.data()), tensor.data.size());
}

}  // namespace pangu
