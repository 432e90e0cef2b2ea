// SPDX-License-Identifier: Apache-2.0
#include "io/file_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <system_error>

#include "base/hash.h"
#include "io/folder_names.h"
#include "io/mapped_file.h"

namespace pangu {
namespace {

/// A piece at a time, whose memory is given back: files may be larger than what is free.
void add_file(ContentHash& hash, const std::filesystem::path& path) {
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  if (std::error_code error; std::filesystem::file_size(path, error) == 0 && !error) {
    hash.add(std::span<const std::byte>{});  // nothing to map
    return;
  }
  const MappedFile file(path);
  for (std::size_t at = 0; at < file.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, file.size() - at);
    hash.add(file.bytes().subspan(at, n));
    file.drop(at, n);
  }
}

}  // namespace

std::string file_digest(const std::filesystem::path& file) {
  ContentHash hash;
  add_file(hash, file);
  return fmt::format("{:016x}", hash.value());
}

std::string weights_digest(const std::filesystem::path& folder) {
  ContentHash hash;
  for (const std::string& name : folder_names(folder)) {
    if (!name.ends_with(".safetensors")) continue;
    hash.add(name);
    add_file(hash, folder / name);
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace pangu
