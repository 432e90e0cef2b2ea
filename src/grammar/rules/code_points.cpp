// SPDX-License-Identifier: Apache-2.0
#include "grammar/rules/code_points.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace pangu::grammar {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF, kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF;

void add_scalar_values(CodePointRange r, std::vector<CodePointRange>& out) {
  r.last = std::min(r.last, kLastCodePoint);
  if (r.first < kFirstSurrogate && r.first <= r.last) {
    out.push_back({r.first, std::min<char32_t>(r.last, kFirstSurrogate - 1)});
  }
  if (r.last > kLastSurrogate && r.first <= r.last) {
    out.push_back({std::max<char32_t>(r.first, kLastSurrogate + 1), r.last});
  }
}

/// Splits a range until the bytes of its encodings are free of each other.
void add_encodings(char32_t first, char32_t last, std::vector<ByteRanges>& out) {
  for (const char32_t border : {0x7Fu, 0x7FFu, 0xFFFFu}) {
    if (first <= border && border < last) {
      add_encodings(first, border, out);
      return add_encodings(border + 1, last, out);
    }
  }
  for (int tail = 1; last > 0x7F && tail < 4; ++tail) {
    const char32_t low = (char32_t{1} << (6 * tail)) - 1;
    if ((first & ~low) == (last & ~low)) break;
    if ((first & low) != 0) {
      add_encodings(first, first | low, out);
      return add_encodings((first | low) + 1, last, out);
    }
    if ((last & low) != low) {
      add_encodings(first, (last & ~low) - 1, out);
      return add_encodings(last & ~low, last, out);
    }
  }
  std::string from, to;
  utf8::append(from, first);
  utf8::append(to, last);
  ByteRanges bytes{.first = {}, .last = {}, .size = static_cast<int>(from.size())};
  for (std::size_t i = 0; i < from.size(); ++i) {
    bytes.first[i] = static_cast<std::uint8_t>(from[i]);
    bytes.last[i] = static_cast<std::uint8_t>(to[i]);
  }
  out.push_back(bytes);
}

}  // namespace

CodePointSet::CodePointSet(const std::vector<CodePointRange>& given) {
  std::vector<CodePointRange> ranges;
  for (const CodePointRange& r : given) add_scalar_values(r, ranges);
  std::sort(ranges.begin(), ranges.end(),
            [](const CodePointRange& a, const CodePointRange& b) { return a.first < b.first; });
  for (const CodePointRange& r : ranges) {
    // The surrogates between two ranges do not part them.
    const bool touches =
        !ranges_.empty() &&
        (r.first <= ranges_.back().last + 1 ||
         (ranges_.back().last == kFirstSurrogate - 1 && r.first == kLastSurrogate + 1));
    if (touches) {
      ranges_.back().last = std::max(ranges_.back().last, r.last);
    } else {
      ranges_.push_back(r);
    }
  }
}

CodePointSet CodePointSet::all() {
  return CodePointSet({{0, kLastCodePoint}});
}

CodePointSet CodePointSet::of(std::string_view ascii) {
  std::vector<CodePointRange> ranges;
  for (const char c : ascii) {
    const auto code = static_cast<char32_t>(static_cast<unsigned char>(c));
    ranges.push_back({code, code});
  }
  return CodePointSet(ranges);
}

CodePointSet CodePointSet::complement() const {
  std::vector<CodePointRange> gaps;
  char32_t next = 0;
  for (const CodePointRange& r : ranges_) {
    if (r.first > next) gaps.push_back({next, r.first - 1});
    next = r.last + 1;
  }
  if (next <= kLastCodePoint) gaps.push_back({next, kLastCodePoint});
  return CodePointSet(gaps);
}

CodePointSet CodePointSet::with(const CodePointSet& other) const {
  std::vector<CodePointRange> both = ranges_;
  both.insert(both.end(), other.ranges_.begin(), other.ranges_.end());
  return CodePointSet(both);
}

CodePointSet CodePointSet::without(const CodePointSet& other) const {
  return complement().with(other).complement();
}

bool CodePointSet::contains(char32_t c) const {
  if (c > kLastCodePoint || (c >= kFirstSurrogate && c <= kLastSurrogate)) return false;
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [c](const CodePointRange& r) { return r.first <= c && c <= r.last; });
}

std::vector<ByteRanges> utf8_ranges(const CodePointSet& set) {
  std::vector<ByteRanges> out;
  for (const CodePointRange& r : set.ranges()) {
    std::vector<CodePointRange> parts;
    add_scalar_values(r, parts);
    for (const CodePointRange& part : parts) add_encodings(part.first, part.last, out);
  }
  return out;
}

}  // namespace pangu::grammar
