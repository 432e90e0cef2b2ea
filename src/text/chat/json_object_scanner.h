// SPDX-License-Identifier: Apache-2.0
// Reads a JSON object byte by byte, as a model writes it: where it ends, and whether a strict
// reader will take it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pangu {

/// RFC 8259. What is passed on is what was read, but for two things that models often get wrong
/// within strings and that have one reading only: control characters, such as a line end, are
/// escaped, and a backslash that begins no escape becomes one that stands for itself.
class JsonObjectScanner {
 public:
  /// Nested objects and arrays: with the message around them, as deep as parse_json() reads.
  static constexpr std::size_t kMaxDepth = 60;

  enum class Step {
    kMore,
    kDone,  ///< the object ends with this byte
    kBad    ///< the byte cannot stand here, and was not taken; others may be tried in its place
  };

  /// The next byte, the first being the opening brace. Adds to `out` what is to be passed on.
  Step push(char c, std::string& out);

  /// Whether the next byte is within a string, where anything may stand.
  bool in_string() const;

  /// What would end the object here; none if more than closing brackets is missing.
  std::optional<std::string> closers() const;

  /// What was read and not passed on yet: an escape that is unfinished.
  std::string_view held() const { return escape_; }

 private:
  enum class At {
    kValue,
    kFirstValue,  ///< or the end of an empty array
    kKey,
    kFirstKey,  ///< or the end of an empty object
    kColon,
    kAfterValue,
    kString,
    kNumber,
    kLiteral
  };
  enum class Number { kMinus, kZero, kDigits, kPoint, kDecimals, kE, kSign, kExponent };

  Step push_structure(char c);
  Step begin_value(char c);
  Step open(char c);
  Step close(char c);
  Step push_string(char c, std::string& out);
  void push_escape(char c, std::string& out);
  bool push_number(char c);
  bool number_is_whole() const;

  At at_ = At::kValue;
  Number number_ = Number::kMinus;
  bool is_key_ = false;       ///< the string is one
  std::string open_;          ///< brackets that are open, outermost first
  std::string escape_;        ///< of a string, from the backslash on
  std::string_view literal_;  ///< what must follow of "true", "false" or "null"
};

/// The object within `text`, with blanks around it left out and strings mended as above; none if
/// the text is anything else.
std::optional<std::string> json_object_in(std::string_view text);

}  // namespace pangu
