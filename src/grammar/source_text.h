// SPDX-License-Identifier: Apache-2.0
// The text of a grammar, read character by character, with errors that name the place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::grammar {

class SourceText {
 public:
  static constexpr char32_t kEnd = std::numeric_limits<char32_t>::max();

  /// `what` names the text in messages. Throws InputError unless it is valid UTF-8.
  SourceText(std::string_view text, std::string_view what);

  bool at_end() const { return at_ == characters_.size(); }
  /// The next character but `ahead`; kEnd behind the last.
  char32_t peek(std::size_t ahead = 0) const {
    return at_ + ahead < characters_.size() ? characters_[at_ + ahead] : kEnd;
  }
  char32_t next() { return at_end() ? kEnd : characters_[at_++]; }
  /// Takes a character if it comes next.
  bool take(char32_t c);
  /// Takes ASCII text if it comes next.
  bool take(std::string_view ascii);
  /// A whole number without sign, if one comes next; throws InputError past 10^9.
  bool take_number(std::int64_t& number);

  /// Characters before the next one.
  std::size_t offset() const { return at_; }
  void go_to(std::size_t offset) { at_ = offset; }

  /// Throws InputError: "[grammar] WHAT, character N ('x'): REASON."
  [[noreturn]] void refuse(std::size_t offset, std::string_view reason) const;

 private:
  std::vector<char32_t> characters_;
  std::string what_;
  std::size_t at_ = 0;
};

}  // namespace pangu::grammar
