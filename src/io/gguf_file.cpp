// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_file.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/error.h"
#include "io/gguf_parts.h"

namespace pangu {
namespace {

/// Bytes of a tensor whose dimensions the metadata parser has checked.
std::uint64_t checked_bytes(const GgufTensorInfo& info, const GgufTensorType& type,
                            const std::string& file) {
  const std::uint64_t columns = info.dims.empty() ? 1 : info.dims.front();
  if (columns % type.block != 0) {
    fail<FileError>(
        "[gguf] {}: the tensor '{}' is {} {}, whose rows of {} elements do not divide into blocks "
        "of {}. The file is damaged; fetch it again.",
        file, info.name, type.name, gguf_shape_text(info.dims), columns, type.block);
  }
  std::uint64_t blocks = 1;
  for (const std::uint64_t dim : info.dims) blocks *= dim;
  blocks /= type.block;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(blocks, std::uint64_t{type.block_bytes}, &bytes)) {
    fail<FileError>(
        "[gguf] {}: the tensor '{}' of shape {} takes more bytes than 64 bits can count. The file "
        "is damaged; fetch it again.",
        file, info.name, gguf_shape_text(info.dims));
  }
  return bytes;
}

const GgufTensorType& known_type(const GgufTensorInfo& info, const std::string& file) {
  if (const GgufTensorType* type = find_gguf_tensor_type(info.type)) return *type;
  fail<Unsupported>(
      "[gguf] {}: the tensor '{}' has type {}, which is not known. Was the file made by a newer "
      "program, or one of its own formats? Convert the model again, to f16 or q8_0 say.",
      file, info.name, info.type);
}

/// Bytes of the file from the beginning of a tensor on.
std::uint64_t bytes_left(const GgufTensorInfo& info, const GgufMetadata& metadata,
                         std::uint64_t file_size) {
  const std::uint64_t begin = metadata.data_offset();
  if (info.offset % metadata.alignment() != 0) {
    fail<FileError>(
        "[gguf] {}: the tensor '{}' begins at byte {} of the data; a multiple of the alignment, "
        "{}, "
        "was expected. The file is damaged; fetch it again.",
        metadata.file(), info.name, info.offset, metadata.alignment());
  }
  if (begin > file_size || info.offset > file_size - begin) {
    fail<FileError>(
        "[gguf] {}: the tensor '{}' begins at byte {} of the data, which begins at byte {} of a "
        "file of {}. Is it a partial download? Fetch it again.",
        metadata.file(), info.name, info.offset, begin, file_size);
  }
  return file_size - begin - info.offset;
}

void check_overlaps(std::span<const GgufTensor> tensors, const std::string& file) {
  std::vector<const GgufTensor*> order;
  for (const GgufTensor& tensor : tensors) order.push_back(&tensor);
  std::ranges::sort(order, {}, [](const GgufTensor* t) { return t->data.data(); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const GgufTensor &before = *order[i - 1], &tensor = *order[i];
    if (before.data.data() + before.data.size() > tensor.data.data()) {
      fail<FileError>(
          "[gguf] {}: the tensors '{}' and '{}' lie on each other. The file is damaged; fetch it "
          "again.",
          file, before.name, tensor.name);
    }
  }
}

/// Adds the tensors of a file, or of a part of one, whose data is in `bytes`.
void add_tensors(const GgufMetadata& metadata, std::span<const std::byte> bytes,
                 GgufContent& content) {
  const std::string& file = metadata.file();
  const std::uint64_t begin = metadata.data_offset();
  const std::size_t before = content.tensors.size();
  for (const GgufTensorInfo& info : metadata.tensors()) {
    const GgufTensorType& type = known_type(info, file);
    const std::uint64_t size = checked_bytes(info, type, file);
    const std::uint64_t left = bytes_left(info, metadata, bytes.size());
    if (size > left) {
      fail<FileError>(
          "[gguf] {}: the tensor '{}' takes {} bytes, but the file ends {} bytes after its "
          "beginning. Is it a partial download? Fetch it again.",
          file, info.name, size, left);
    }
    if (!content.index.emplace(info.name, content.tensors.size()).second) {
      fail<FileError>(
          "[gguf] {}: the tensor '{}' is in another part, too. Do the parts come from one "
          "download? "
          "Fetch all again.",
          file, info.name);
    }
    content.tensors.push_back(
        {info.name, info.dims, &type, bytes.subspan(begin + info.offset, size)});
  }
  check_overlaps(std::span(content.tensors).subspan(before), file);
}

GgufContent read_parts(std::vector<GgufMetadata> parts, const std::vector<MappedFile>& files,
                       const GgufCheck& check) {
  std::vector<GgufTensorInfo> all;
  for (const GgufMetadata& part : parts) {
    all.insert(all.end(), part.tensors().begin(), part.tensors().end());
  }
  if (check) check(parts.front(), all);
  GgufContent content{std::move(parts.front()), {}, {}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    add_tensors(i == 0 ? content.metadata : parts[i], files[i].bytes(), content);
  }
  return content;
}

}  // namespace

std::int64_t GgufTensor::count() const {
  std::int64_t n = 1;
  for (const std::uint64_t dim : dims) n *= static_cast<std::int64_t>(dim);
  return n;
}

const GgufTensor* GgufContent::find(std::string_view name) const {
  const auto it = index.find(name);
  return it == index.end() ? nullptr : &tensors[it->second];
}

bool is_gguf_file(const std::filesystem::path& path) {
  if (path.extension() == ".gguf") return true;
  char magic[4] = {};
  std::ifstream(path, std::ios::binary).read(magic, sizeof magic);
  return std::string_view(magic, sizeof magic) == "GGUF";
}

std::string gguf_shape_text(std::span<const std::uint64_t> dims) {
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

GgufContent parse_gguf(std::span<const std::byte> bytes, const std::string& file) {
  GgufContent content{GgufMetadata::parse(bytes, file), {}, {}};
  add_tensors(content.metadata, bytes, content);
  return content;
}

GgufFile::GgufFile(const std::filesystem::path& path, const GgufCheck& check) {
  files_.emplace_back(path);
  std::vector<GgufMetadata> parts;
  const auto parse = [&] {
    const MappedFile& file = files_.back();
    parts.push_back(GgufMetadata::parse(file.bytes(), file.path().string()));
  };
  parse();
  const std::vector<std::filesystem::path> paths = gguf_parts(path, parts.front());
  if (paths.size() > 1) {
    files_.clear();
    parts.clear();
    files_.reserve(paths.size());
    for (const std::filesystem::path& part : paths) {
      files_.emplace_back(part);
      parse();
    }
    check_gguf_parts(parts);
  }
  content_ = read_parts(std::move(parts), files_, check);
}

std::uint64_t GgufFile::tensor_bytes() const {
  std::uint64_t bytes = 0;
  for (const GgufTensor& tensor : tensors()) bytes += tensor.data.size();
  return bytes;
}

void GgufFile::drop(const GgufTensor& tensor) const {
  // Addresses of different mappings compare in a defined way through std::less only.
  const std::less_equal<const std::byte*> not_after;
  for (const MappedFile& file : files_) {
    if (not_after(file.data(), tensor.data.data()) &&
        not_after(tensor.data.data() + tensor.data.size(), file.data() + file.size())) {
      file.drop(static_cast<std::size_t>(tensor.data.data() - file.data()), tensor.data.size());
      return;
    }
  }
}

}  // namespace pangu
