// SPDX-License-Identifier: Apache-2.0
#include "eval/row_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file_advice.h"
#include "report/units.h"

namespace pangu::eval {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_rows(std::int64_t rows, std::int64_t row_bytes, std::int64_t room,
                              const std::string& what) {
  fail<OutOfMemory>(
      "[rows] {} rows of {} were to be kept, {} in all, but {} {}, which is room for {}. Keep "
      "fewer, or name a folder with more room in TMPDIR.",
      rows, bytes_text(row_bytes), bytes_text(rows * row_bytes), what, bytes_text(room),
      room / row_bytes);
}

[[noreturn]] void refuse_file(const fs::path& path, const char* doing, int error) {
  fail<FileError>("[rows] {}: cannot {}: {}. {}", path.string(), doing, std::strerror(error),
                  file_advice(error));
}

fs::path folder_of(const RowStoreLimits& limits) {
  if (!limits.folder.empty()) return limits.folder;
  std::error_code error;
  fs::path folder = fs::temp_directory_path(error);
  if (error) {
    fail<FileError>("[rows] there is no folder for temporary files: {}. Name one in TMPDIR.",
                    error.message());
  }
  return folder;
}

}  // namespace

RowStore::RowStore(std::int64_t rows, std::int64_t width, const RowStoreLimits& limits)
    : rows_(rows), width_(width) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr auto kFloat = static_cast<std::int64_t>(sizeof(float));
  if (rows < 0 || width < 1 || width > most / kFloat || rows > most / (width * kFloat)) {
    fail<ShapeError>("[rows] there cannot be {} rows of {} numbers.", rows, width);
  }
  if (bytes() > limits.memory_bytes) {
    make_file(limits);
  } else {
    memory_.resize(static_cast<std::size_t>(rows * width));
  }
}

void RowStore::make_file(const RowStoreLimits& limits) {
  const fs::path folder = folder_of(limits);
  const std::int64_t row_bytes = bytes() / rows_;
  if (bytes() > limits.file_bytes) refuse_rows(rows_, row_bytes, limits.file_bytes, "may take");
  std::error_code ignored;
  const auto most = static_cast<std::uintmax_t>(std::numeric_limits<std::int64_t>::max());
  const fs::space_info space = fs::space(folder, ignored);
  const auto room = static_cast<std::int64_t>(std::min(space.available, most));
  if (!ignored && bytes() > room) {
    refuse_rows(rows_, row_bytes, room, folder.string() + " has");
  }
  file_ = std::make_unique<Temporary>(folder, Temporary::Kind::kFile, 0600);
  if (file_->error() != 0) refuse_file(folder, "make a temporary file", file_->error());
  // Others may write to the disk, too: what is reserved is there, and no later write can fail for
  // it.
  const int error = ::posix_fallocate(file_->descriptor(), 0, static_cast<off_t>(bytes()));
  if (error != 0) refuse_file(file_->path(), "reserve room", error);
}

void RowStore::write(std::int64_t r, std::span<const float> values) {
  if (r < 0 || r >= rows_ || static_cast<std::int64_t>(values.size()) != width_) {
    fail<ShapeError>("[rows] row {} of {} numbers was written, but there are {} rows of {}.", r,
                     values.size(), rows_, width_);
  }
  if (!file_) {
    std::ranges::copy(values, memory_.begin() + static_cast<std::ptrdiff_t>(r * width_));
    return;
  }
  std::span<const std::byte> bytes = std::as_bytes(values);
  auto offset = static_cast<off_t>(r * static_cast<std::int64_t>(bytes.size()));
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_->descriptor(), bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse_file(file_->path(), "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

void RowStore::finish() {
  if (file_) mapped_.emplace(file_->path());
}

std::span<const float> RowStore::row(std::int64_t r) const {
  // Rows begin at multiples of four bytes, in a mapping that begins at a page.
  const auto* all = mapped_ ? reinterpret_cast<const float*>(mapped_->data()) : memory_.data();
  return {all + r * width_, static_cast<std::size_t>(width_)};
}

void RowStore::drop(std::int64_t first, std::int64_t n) const {
  if (!mapped_) return;
  const std::size_t row_bytes = static_cast<std::size_t>(width_) * sizeof(float);
  mapped_->drop(static_cast<std::size_t>(first) * row_bytes,
                static_cast<std::size_t>(n) * row_bytes);
}

}  // namespace pangu::eval
