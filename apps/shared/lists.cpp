// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/clipped.h"
#include "io/json.h"

namespace pangu::app {

std::vector<std::string> list_items(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    out.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::vector<std::int64_t> list_numbers(const std::string& list) {
  std::vector<std::int64_t> out;
  for (const std::string& item : list_items(list)) {
    std::from_chars(item.data(), item.data() + item.size(), out.emplace_back());
  }
  return out;
}

CLI::Validator list_of(const CLI::Validator& check) {
  return {[check](std::string& list) -> std::string {
            std::vector<std::string> items = list_items(list);
            for (std::string& item : items) {
              if (std::string error = check(item); !error.empty()) return error;
            }
            list = fmt::format("{}", fmt::join(items, ","));
            return "";
          },
          ""};
}

CLI::Validator set_of(const CLI::Validator& check) {
  return {[items = list_of(check)](std::string& list) -> std::string {
            if (std::string error = items(list); !error.empty()) return error;
            std::vector<std::string> sorted = list_items(list);
            std::ranges::sort(sorted);
            const auto twice = std::ranges::adjacent_find(sorted);
            if (twice == sorted.end()) return "";
            return fmt::format("'{}' is in the list twice", clipped(*twice, 40));
          },
          ""};
}

}  // namespace pangu::app
