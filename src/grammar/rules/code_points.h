// SPDX-License-Identifier: Apache-2.0
// Sets of characters, and the bytes that spell them in UTF-8.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pangu::grammar {

struct CodePointRange {
  char32_t first, last;
  bool operator==(const CodePointRange&) const = default;
};

/// Unicode scalar values: U+0000 to U+10FFFF without surrogates.
class CodePointSet {
 public:
  CodePointSet() = default;
  /// Ranges in any order, which may overlap; surrogates and what lies beyond U+10FFFF are left out.
  explicit CodePointSet(const std::vector<CodePointRange>& ranges);
  static CodePointSet all();
  /// The characters of a text of ASCII.
  static CodePointSet of(std::string_view ascii);
  static CodePointSet one(char32_t c) { return CodePointSet({{c, c}}); }

  CodePointSet complement() const;
  CodePointSet with(const CodePointSet& other) const;
  CodePointSet without(const CodePointSet& other) const;

  bool empty() const { return ranges_.empty(); }
  bool contains(char32_t c) const;
  /// Ascending; neither overlapping nor touching.
  std::span<const CodePointRange> ranges() const { return ranges_; }

 private:
  std::vector<CodePointRange> ranges_;
};

/// Texts of `size` bytes, each byte within its range.
struct ByteRanges {
  std::array<std::uint8_t, 4> first, last;
  int size;
};

/// The encodings of the characters, each in one element; those of ASCII come first.
/// Source: R. Cox, "Regular Expression Matching in the Wild" (2010), section "UTF-8".
std::vector<ByteRanges> utf8_ranges(const CodePointSet& set);

}  // namespace pangu::grammar
