// SPDX-License-Identifier: Apache-2.0
// Requests whose kind is known: JSON Lines, {"kind", "text"} or {"kind", "messages"} a line,
// perhaps with a "group" of rows that are alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/intent/features/request.h"

namespace pangu::adaptive {

struct LabelledRow {
  std::string kind;   ///< a name as require_kind_name() wants it
  std::string group;  ///< rows of one group are kept back together; empty: of none
  Request request;
};

/// Reads a content; `file` names it in messages. Other keys are let be, as data sets carry ids and
/// sources. Throws FileError for what is no JSON, and if there is no row; ConfigError for keys that
/// are missing, of the wrong type or do not go together, with file and line.
std::vector<LabelledRow> parse_labelled_rows(std::string_view content, const std::string& file);

/// All rows of some files, in this order.
std::vector<LabelledRow> read_labelled_rows(std::span<const std::filesystem::path> files);

/// The kinds of rows: built-in ones in their order, then others by name; each once.
std::vector<std::string> kinds_of(std::span<const LabelledRow> rows);

/// The place of each row's kind in `kinds`, -1 for one that is not there.
std::vector<int> labels_of(std::span<const LabelledRow> rows, std::span<const std::string> kinds);

}  // namespace pangu::adaptive
