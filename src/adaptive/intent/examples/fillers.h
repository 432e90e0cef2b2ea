// SPDX-License-Identifier: Apache-2.0
// What fills the gaps of patterns: names, numbers, topics, passages, pieces of code.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "corpus/draw.h"

namespace pangu::adaptive {

struct FillerList {
  std::string_view name;
  std::span<const char* const> texts;
};

std::span<const FillerList> english_fillers();
std::span<const FillerList> chinese_fillers();
std::span<const FillerList> code_fillers();

/// The pattern with every gap filled: from a list of its name, or, of names a to f, by a number of
/// 2 to 99. Braces around other words stand for themselves, as code and JSON have them.
std::string fill_pattern(std::string_view pattern, corpus::Draw& draw);

}  // namespace pangu::adaptive
