// SPDX-License-Identifier: Apache-2.0
// Keeps the content ranges of a text sorted and merged while it grows.
#include "jinja/text.h"

#include <algorithm>
#include <utility>

namespace pangu::jinja {

Text::Text(std::string bytes, Source source) : bytes_(std::move(bytes)) {
  if (source == Source::kContent) mark(0, bytes_.size());
}

void Text::mark(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  if (!content_.empty() && content_.back().end == begin) {
    content_.back().end = end;
  } else {
    content_.push_back({begin, end});
  }
}

void Text::append(std::string_view bytes, Source source) {
  const std::size_t begin = bytes_.size();
  bytes_ += bytes;
  if (source == Source::kContent) mark(begin, bytes_.size());
}

void Text::append(const Text& other, std::size_t begin, std::size_t end) {
  const std::size_t base = bytes_.size();
  for (auto range = other.range_after(begin); range != other.content_.end(); ++range) {
    if (range->begin >= end) break;
    mark(base + std::max(range->begin, begin) - begin, base + std::min(range->end, end) - begin);
  }
  bytes_.append(other.bytes_, begin, end - begin);
}

std::vector<Text::Range>::const_iterator Text::range_after(std::size_t byte) const {
  return std::upper_bound(content_.begin(), content_.end(), byte,
                          [](std::size_t at, const Range& range) { return at < range.end; });
}

Source Text::source_at(std::size_t byte) const {
  const auto range = range_after(byte);
  const bool inside = range != content_.end() && range->begin <= byte;
  return inside ? Source::kContent : Source::kTemplate;
}

std::vector<Text::Piece> Text::pieces() const {
  std::vector<Piece> out;
  const std::string_view all = bytes_;
  const auto add = [&](std::size_t begin, std::size_t end, Source source) {
    if (begin < end) out.push_back({all.substr(begin, end - begin), source});
  };
  std::size_t at = 0;
  for (const Range& range : content_) {
    add(at, range.begin, Source::kTemplate);
    add(range.begin, range.end, Source::kContent);
    at = range.end;
  }
  add(at, bytes_.size(), Source::kTemplate);
  return out;
}

}  // namespace pangu::jinja
