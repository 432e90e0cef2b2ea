// SPDX-License-Identifier: Apache-2.0
#include "serve/models/file_stamp.h"

#include <optional>
#include <system_error>

#include "io/gguf_parts.h"
#include "io/locate_model.h"
#include "pangu/error.h"

namespace pangu::serve {
namespace {

namespace fs = std::filesystem;

void add_mark(FileStamp& stamp, const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return;
  const std::uintmax_t bytes = fs::file_size(file, error);
  if (error) return;
  const auto changed = fs::last_write_time(file, error);
  if (!error) stamp[file.string()] = {.bytes = bytes, .changed = changed};
}

std::optional<fs::path> located(const fs::path& model) {
  try {
    return locate_model(model);
  } catch (const Error&) {  // a bundle.json that is damaged
    return std::nullopt;
  }
}

}  // namespace

FileStamp file_stamp(const fs::path& model) {
  FileStamp out;
  const auto path = located(model);
  if (!path) return out;
  std::error_code error;
  if (fs::is_directory(*path, error)) {
    fs::directory_iterator at(*path, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) add_mark(out, at->path());
    return out;
  }
  add_mark(out, *path);
  if (const auto part = parse_gguf_part_name(path->filename().string())) {
    for (std::int64_t i = 0; i < part->count; ++i) {
      add_mark(out, path->parent_path() / part->file_name(i));
    }
  }
  return out;
}

std::string_view files_since(const fs::path& model, const FileStamp& before) {
  const FileStamp now = file_stamp(model);
  if (now.empty()) return "gone";
  return now == before ? "unchanged" : "changed";
}

}  // namespace pangu::serve
