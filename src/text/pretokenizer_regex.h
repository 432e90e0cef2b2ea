// SPDX-License-Identifier: Apache-2.0
// Regular expressions of tokenizer files, as they stand, on PCRE2 with Unicode properties.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pangu::text {

/// A compiled pattern. Immutable; may be matched from any thread.
class Regex {
 public:
  /// Throws Unsupported naming `file`, the pattern and the reason if PCRE2 does not take it, or if
  /// it uses a construct that means something else there (class intersections, "&&").
  Regex(std::string_view pattern, std::string file);

  /// Calls `match` with [begin, end) of each match in `text`, left to right. `text` must be valid
  /// UTF-8. Throws InputError when the pattern needs more steps or memory than it may have.
  void for_each(std::string_view text,
                const std::function<void(std::size_t begin, std::size_t end)>& match) const;

 private:
  std::string pattern_;
  std::string file_;
  std::shared_ptr<const void> code_;     ///< pcre2_code
  std::shared_ptr<const void> context_;  ///< pcre2_match_context with the limits
};

}  // namespace pangu::text
