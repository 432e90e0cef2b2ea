// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_parts.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "base/clipped.h"
#include "base/error.h"
#include "io/folder_names.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGgufSuffix = ".gguf";
constexpr std::size_t kPartDigits = 5;

constexpr std::string_view kSplitCount = "split.count";
constexpr std::string_view kSplitNo = "split.no";
constexpr std::string_view kSplitTensors = "split.tensors.count";

/// Takes `text` off the end of `name`, if it is there.
bool take_end(std::string_view& name, std::string_view text) {
  if (!name.ends_with(text)) return false;
  name.remove_suffix(text.size());
  return true;
}

/// Takes a number of five digits off the end of `name`, if it is there.
std::optional<std::int64_t> take_number(std::string_view& name) {
  if (name.size() < kPartDigits) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : name.substr(name.size() - kPartDigits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + (c - '0');
  }
  name.remove_suffix(kPartDigits);
  return number;
}

std::int64_t split_key(const GgufMetadata& gguf, std::string_view key) {
  return gguf.find_int(key, 0, INT64_MAX).value_or(0);
}

[[noreturn]] void refuse_name(const fs::path& path, std::int64_t no, std::int64_t count,
                              const std::optional<GgufPartName>& name) {
  fail<FileError>(
      "[gguf] {} is part {} of {} of a split model, but its name {}. The other parts are looked "
      "for beside it by names that end in -00001-of-{:05}.gguf: give all parts the names they were "
      "published with.",
      path.string(), no + 1, count,
      name ? fmt::format("says part {} of {}", name->no + 1, name->count) : "does not say so",
      count);
}

/// Another part by its name, to say which files do not go together; empty if there is none.
std::string sibling_text(const fs::path& path, const GgufPartName& name) {
  for (std::int64_t part = 0; part < name.count; ++part) {
    const std::string file = name.file_name(part);
    std::error_code error;
    if (part != name.no && fs::exists(path.parent_path() / file, error)) {
      return fmt::format(", like {} beside it", clipped(file));
    }
  }
  return "";
}

}  // namespace

std::string GgufPartName::file_name(std::int64_t part) const {
  return fmt::format("{}-{:05}-of-{:05}{}", model, part + 1, count, kGgufSuffix);
}

std::optional<GgufPartName> parse_gguf_part_name(std::string_view file_name) {
  std::string_view rest = file_name;
  if (!take_end(rest, kGgufSuffix)) return std::nullopt;
  const auto count = take_number(rest);
  if (!count || !take_end(rest, "-of-")) return std::nullopt;
  const auto number = take_number(rest);
  if (!number || !take_end(rest, "-") || rest.empty()) return std::nullopt;
  if (*number < 1 || *number > *count) return std::nullopt;
  return GgufPartName{.model = std::string(rest), .no = *number - 1, .count = *count};
}

fs::path first_gguf_part(const fs::path& path) {
  const auto name = parse_gguf_part_name(path.filename().string());
  if (!name || name->no == 0) return path;
  fs::path first = path.parent_path() / name->file_name(0);
  std::error_code error;
  return fs::exists(first, error) ? first : path;
}

std::vector<fs::path> gguf_models_in(const fs::path& folder) {
  std::map<std::string, std::string> files;  // by name without the number of the part
  for (const std::string& file : folder_names(folder)) {
    if (!file.ends_with(kGgufSuffix)) continue;
    const auto part = parse_gguf_part_name(file);
    std::string& found = files[part ? part->file_name(0) : file];
    if (found.empty() || file < found) found = file;
  }
  std::vector<fs::path> models;
  for (const auto& [name, file] : files) models.push_back(folder / file);
  return models;
}

void check_gguf_part_name(const fs::path& path, const GgufMetadata& metadata) {
  const auto name = parse_gguf_part_name(path.filename().string());
  if (!name || name->count == 1 || split_key(metadata, kSplitCount) > 1) return;
  fail<FileError>(
      "[gguf] {}: the name says part {} of {}{}, but the key {} is {}; {} was expected. If the "
      "file is a whole model, give it another name; else fetch the parts again.",
      path.string(), name->no + 1, name->count, sibling_text(path, *name), kSplitCount,
      metadata.contains(kSplitCount) ? metadata.describe(kSplitCount) : "missing", name->count);
}

std::vector<fs::path> gguf_parts(const fs::path& path, const GgufMetadata& metadata) {
  check_gguf_part_name(path, metadata);
  const std::int64_t count = split_key(metadata, kSplitCount);
  if (count <= 1) return {path};
  const std::int64_t no = split_key(metadata, kSplitNo);
  const auto name = parse_gguf_part_name(path.filename().string());
  if (!name || name->no != no || name->count != count) refuse_name(path, no, count, name);
  std::vector<fs::path> parts;
  std::string missing;
  std::int64_t absent = 0;
  for (std::int64_t part = 0; part < count; ++part) {
    parts.push_back(path.parent_path() / name->file_name(part));
    std::error_code error;
    if (fs::exists(parts.back(), error)) continue;
    constexpr std::int64_t kMostNamed = 5;
    if (++absent <= kMostNamed) {
      missing += (absent > 1 ? ", " : "") + clipped(parts.back().filename().string());
    }
  }
  if (absent > 0) {
    fail<FileError>(
        "[gguf] {}: {} of the {} parts of this model are missing: {}{}. Fetch them into the same "
        "folder.",
        path.string(), absent, count, missing,
        absent > 5 ? fmt::format(" and {} more", absent - 5) : "");
  }
  return parts;
}

void check_gguf_parts(const std::vector<GgufMetadata>& parts) {
  const std::int64_t total = split_key(parts.front(), kSplitTensors);
  std::int64_t found = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const GgufMetadata& part = parts[i];
    const auto require = [&](std::string_view key, std::int64_t expected) {
      if (split_key(part, key) == expected) return;
      fail<FileError>(
          "[gguf] {}: the key {} is {}; {} was expected, as {} belongs to it. Do the parts come "
          "from "
          "one download? Fetch all again.",
          part.file(), key, part.contains(key) ? part.describe(key) : "missing", expected,
          parts.front().file());
    };
    require(kSplitCount, std::ssize(parts));
    require(kSplitNo, static_cast<std::int64_t>(i));
    require(kSplitTensors, total);
    found += std::ssize(part.tensors());
  }
  if (found != total) {
    fail<FileError>(
        "[gguf] {}: the {} parts of this model have {} tensors together, but {} says {}. Fetch all "
        "parts again.",
        parts.front().file(), parts.size(), found, kSplitTensors, total);
  }
}

}  // namespace pangu
