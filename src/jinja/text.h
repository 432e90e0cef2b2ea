// SPDX-License-Identifier: Apache-2.0
// The strings of a chat template: bytes that remember which of them came from the conversation.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::jinja {

/// Where a byte was written: in the template (trusted markup) or in a message, tool or option.
enum class Source : bool { kTemplate, kContent };

/// UTF-8 text with the byte ranges that came from content. Concatenating and slicing keep the
/// ranges, so that after rendering a caller still knows which markers the template wrote itself.
class Text {
 public:
  /// Bytes [begin, end) from content. Ranges of a text are sorted, not empty, and never touch.
  struct Range {
    std::size_t begin;
    std::size_t end;
    bool operator==(const Range&) const = default;
  };
  struct Piece {
    std::string_view text;
    Source source;
    bool operator==(const Piece&) const = default;
  };

  Text() = default;
  Text(std::string bytes, Source source);

  void append(std::string_view bytes, Source source);
  void append(const Text& other) { append(other, 0, other.size()); }
  /// Appends bytes [begin, end) of another text.
  void append(const Text& other, std::size_t begin, std::size_t end);

  const std::string& bytes() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  const std::vector<Range>& content_ranges() const { return content_; }
  Source source_at(std::size_t byte) const;

  /// The text as maximal runs of one source, in order; views into this text.
  std::vector<Piece> pieces() const;

 private:
  /// First range that ends after `byte`.
  std::vector<Range>::const_iterator range_after(std::size_t byte) const;
  void mark(std::size_t begin, std::size_t end);

  std::string bytes_;
  std::vector<Range> content_;
};

using TextPtr = std::shared_ptr<const Text>;

}  // namespace pangu::jinja
