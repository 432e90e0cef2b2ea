// SPDX-License-Identifier: Apache-2.0
// Models that are split over several GGUF files: NAME-00001-of-00003.gguf and so on, side by side.
// Each part says how many there are (split.count), which it is (split.no, from 0) and how many
// tensors all have together (split.tensors.count); the first one has the metadata of the model.
// Source: llama.cpp, gguf-split.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/gguf_metadata.h"

namespace pangu {

/// What the name of a part says.
struct GgufPartName {
  std::string model;       ///< what stands before -00001-of-00003.gguf
  std::int64_t no = 0;     ///< from 0, below count
  std::int64_t count = 0;  ///< at most 99999

  /// The name of another part.
  std::string file_name(std::int64_t part) const;
};

/// Nothing for the name of a file that is no part.
std::optional<GgufPartName> parse_gguf_part_name(std::string_view file_name);

/// The first part of the model that a file belongs to, if it is there; else the path as it is.
std::filesystem::path first_gguf_part(const std::filesystem::path& path);

/// The GGUF models of a folder, by the files to name for them, sorted: a split one counts once, by
/// its first part that is there. None where the folder cannot be read.
std::vector<std::filesystem::path> gguf_models_in(const std::filesystem::path& folder);

/// Throws FileError for a file whose name says that it is one of several parts, and whose keys say
/// that it is a whole model.
void check_gguf_part_name(const std::filesystem::path& path, const GgufMetadata& metadata);

/// All parts of the model that the file `path` with the keys `metadata` is a part of, in order;
/// the file alone if it is none. Throws FileError for parts that are missing, naming each, and for
/// a file whose name and keys do not say the same of which part it is.
std::vector<std::filesystem::path> gguf_parts(const std::filesystem::path& path,
                                              const GgufMetadata& metadata);

/// Throws FileError unless the keys of the parts agree with each other and with the order, and the
/// parts have as many tensors as they say.
void check_gguf_parts(const std::vector<GgufMetadata>& parts);

}  // namespace pangu
