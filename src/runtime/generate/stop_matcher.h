// SPDX-License-Identifier: Apache-2.0
// Finds stop strings in text that arrives in pieces, and holds back only what may belong to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// The text ends at the stop string that is complete first; if several end at the same byte, at the
/// longest of them. How the text was cut into pieces makes no difference.
/// Aho & Corasick 1975, "Efficient string matching": time is linear in the text, whatever the
/// number of stop strings; memory is linear in their total length.
class StopMatcher {
 public:
  struct Result {
    std::string emit;      ///< text that is now known to lie before any stop string
    bool stopped = false;  ///< a stop string was found, in this piece or an earlier one
  };

  /// Most bytes that all stop strings together may have.
  static constexpr std::size_t kMaxTotalBytes = std::size_t{64} * 1024;

  /// Matches nothing if there are no stop strings.
  /// throws  ConfigError for a stop string that is empty or not valid UTF-8, or too many bytes.
  explicit StopMatcher(std::span<const std::string> stops = {});

  /// Takes the next piece. Emits everything but the longest end that may begin a stop string, and
  /// nothing after a stop. Valid UTF-8 pieces of whole characters give whole characters.
  Result feed(std::string_view text);

  /// The text has ended: returns what was held back, empty after a stop.
  std::string flush();

  /// Forgets all text, as if just constructed.
  void reset();

  bool stopped() const { return stopped_; }
  /// The stop string that was found; empty before that.
  std::string_view matched() const { return matched_; }
  /// What is held back at the moment.
  std::string_view held() const { return std::string_view(held_).substr(held_begin_); }

 private:
  /// A prefix of a stop string. Its edges are a list of siblings: stop strings rarely share more
  /// than a few continuations, so a table of 256 would be mostly empty.
  struct Node {
    std::uint32_t first_child = 0, next_sibling = 0;  ///< 0 is none
    std::uint32_t fallback = 0;     ///< longest proper suffix that is a prefix of a stop string
    std::uint32_t depth = 0;        ///< bytes
    std::uint32_t match_bytes = 0;  ///< longest stop string that ends here; 0 is none
    char byte = 0;                  ///< label of the edge that leads here
  };

  void insert(std::string_view stop);
  void link_fallbacks();
  std::uint32_t child(std::uint32_t node, char byte) const;
  std::uint32_t advance(std::uint32_t node, char byte) const;
  std::string release(std::size_t keep_bytes);

  std::vector<Node> nodes_;  ///< nodes_[0] is the empty prefix
  std::uint32_t state_ = 0;
  bool stopped_ = false;
  std::string matched_;
  std::string held_;  ///< from held_begin_ on; the front is cleared now and then, in linear time
  std::size_t held_begin_ = 0;
};

}  // namespace pangu
