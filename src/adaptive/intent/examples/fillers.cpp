// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/fillers.h"

#include <map>

namespace pangu::adaptive {
namespace {

const FillerList* find_fillers(std::string_view name) {
  for (const auto& lists : {english_fillers(), chinese_fillers(), code_fillers()}) {
    for (const FillerList& list : lists) {
      if (list.name == name) return &list;
    }
  }
  return nullptr;
}

/// "name2" takes from the list "name".
std::string_view list_name(std::string_view gap) {
  const char last = gap.empty() ? '\0' : gap.back();
  return last >= '2' && last <= '4' ? gap.substr(0, gap.size() - 1) : gap;
}

}  // namespace

std::string fill_pattern(std::string_view pattern, corpus::Draw& draw) {
  std::map<std::string, std::string, std::less<>> chosen;
  const auto value = [&](std::string_view gap) -> const std::string* {
    if (const auto found = chosen.find(gap); found != chosen.end()) return &found->second;
    std::string text;
    if (gap.size() == 1 && gap[0] >= 'a' && gap[0] <= 'f') {
      text = std::to_string(draw.between(2, 99));
    } else if (const FillerList* list = find_fillers(list_name(gap))) {
      text = list->texts[draw.below(list->texts.size())];
    } else {
      return nullptr;
    }
    return &chosen.emplace(gap, std::move(text)).first->second;
  };
  std::string text;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t close = pattern[at] == '{' ? pattern.find('}', at) : pattern.npos;
    const std::string* filler =
        close == pattern.npos ? nullptr : value(pattern.substr(at + 1, close - at - 1));
    if (filler) {
      text += *filler;
      at = close + 1;
    } else {
      text += pattern[at++];
    }
  }
  return text;
}

}  // namespace pangu::adaptive
