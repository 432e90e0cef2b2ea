// SPDX-License-Identifier: Apache-2.0
// What the files of a model look like from outside, to tell whether they changed since.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace pangu::serve {

struct FileMark {
  std::uintmax_t bytes = 0;
  std::filesystem::file_time_type changed;
  bool operator==(const FileMark&) const = default;
};

/// By path. Empty where there is nothing.
using FileStamp = std::map<std::string, FileMark>;

/// The files of the model that locate_model() finds: all in its folder, or the parts of its GGUF
/// file. Never throws: what cannot be read is not there.
FileStamp file_stamp(const std::filesystem::path& model);

/// "unchanged", "changed" or "gone": what became of files since they were `before`.
std::string_view files_since(const std::filesystem::path& model, const FileStamp& before);

}  // namespace pangu::serve
