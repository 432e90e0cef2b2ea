// SPDX-License-Identifier: Apache-2.0
// Regular expressions of tokenizer files, as they stand, on PCRE2 with Unicode properties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pangu::text {

/// What the regular expressions of a tokenizer may do for one text, and the memory they do it in.
/// Make one for each text, of one thread, and hand it to every match in that text or in what became
/// of it.
///
/// A step is an item of a pattern that is tried, or 16 bytes of text that one runs over. The
/// patterns in use take fewer than 50 for each byte; a hostile one takes millions. Steps are
/// counted by callouts, so that the same text is refused on every machine.
class RegexWork {
 public:
  explicit RegexWork(std::size_t text_bytes) : text_bytes_(text_bytes) {}

  std::size_t text_bytes() const { return text_bytes_; }
  std::uint64_t max_steps() const { return kSteps + kStepsPerByte * text_bytes_; }
  std::uint64_t steps() const { return steps_; }

  static constexpr std::uint64_t kSteps = 2'000'000;
  static constexpr std::uint64_t kStepsPerByte = 500;

 private:
  friend class Regex;
  struct Scratch;
  struct Callout;

  std::size_t text_bytes_;
  std::uint64_t steps_ = 0;
  std::size_t last_position_ = 0;
  std::shared_ptr<Scratch> scratch_;  ///< made by the first match
};

/// A compiled pattern. Immutable; may be matched from any thread.
class Regex {
 public:
  /// Throws Unsupported naming `file`, the pattern and the reason if PCRE2 does not take it, or if
  /// it uses a construct that means something else there (pretokenizer_dialect.h).
  Regex(std::string_view pattern, std::string file);

  /// Calls `match` with [begin, end) of each match in `text`, left to right. `text` must be valid
  /// UTF-8. Throws InputError when all matches of `work` together need more steps than it has, or
  /// one more memory than it may have.
  void for_each(std::string_view text, RegexWork& work,
                const std::function<void(std::size_t begin, std::size_t end)>& match) const;

 private:
  int match_at(std::string_view text, std::size_t at, RegexWork& work) const;
  [[noreturn]] void refuse(int found, std::string_view text, const RegexWork& work) const;

  std::string pattern_;
  std::string file_;
  std::shared_ptr<const void> code_;  ///< pcre2_code
};

}  // namespace pangu::text
