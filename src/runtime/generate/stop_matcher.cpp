// SPDX-License-Identifier: Apache-2.0
// The automaton's state is the longest end of the text that begins a stop string: exactly what has
// to be held back. A stop string that ends here is a suffix of that state, so it was never emitted.
#include "runtime/generate/stop_matcher.h"

#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu {

StopMatcher::StopMatcher(std::span<const std::string> stops) : nodes_(1) {
  std::size_t total_bytes = 0;
  for (std::size_t i = 0; i < stops.size(); ++i) {
    if (stops[i].empty()) {
      fail<ConfigError>(
          "[stop] stop string {} of {} is empty: it would match everywhere. At least "
          "one character was expected. Remove it.",
          i + 1, stops.size());
    }
    const std::size_t invalid = utf8::find_invalid(stops[i]);
    if (invalid != utf8::npos) {
      fail<ConfigError>(
          "[stop] stop string {} of {} is not valid UTF-8 at byte {}. Text was "
          "expected. Correct its encoding.",
          i + 1, stops.size(), invalid);
    }
    total_bytes += stops[i].size();
    if (total_bytes > kMaxTotalBytes) {
      fail<ConfigError>(
          "[stop] the first {} of {} stop strings have {} bytes. All together may "
          "have at most {}. Use fewer or shorter stop strings.",
          i + 1, stops.size(), total_bytes, kMaxTotalBytes);
    }
    insert(stops[i]);
  }
  link_fallbacks();
}

void StopMatcher::insert(std::string_view stop) {
  std::uint32_t node = 0;
  for (const char byte : stop) {
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node added;
      added.next_sibling = nodes_[node].first_child;
      added.depth = nodes_[node].depth + 1;
      added.byte = byte;
      nodes_.push_back(added);
      nodes_[node].first_child = next;
    }
    node = next;
  }
  nodes_[node].match_bytes = nodes_[node].depth;
}

// Breadth first, so that every shorter prefix is linked already.
void StopMatcher::link_fallbacks() {
  std::vector<std::uint32_t> order{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t node = order[i];
    for (std::uint32_t c = nodes_[node].first_child; c != 0; c = nodes_[c].next_sibling) {
      nodes_[c].fallback = node == 0 ? 0 : advance(nodes_[node].fallback, nodes_[c].byte);
      if (nodes_[c].match_bytes == 0) {
        nodes_[c].match_bytes = nodes_[nodes_[c].fallback].match_bytes;
      }
      order.push_back(c);
    }
  }
}

std::uint32_t StopMatcher::child(std::uint32_t node, char byte) const {
  std::uint32_t c = nodes_[node].first_child;
  while (c != 0 && nodes_[c].byte != byte) c = nodes_[c].next_sibling;
  return c;
}

std::uint32_t StopMatcher::advance(std::uint32_t node, char byte) const {
  for (;;) {
    const std::uint32_t next = child(node, byte);
    if (next != 0 || node == 0) return next;
    node = nodes_[node].fallback;
  }
}

StopMatcher::Result StopMatcher::feed(std::string_view text) {
  if (stopped_) return {{}, true};
  for (std::size_t i = 0; i < text.size(); ++i) {
    state_ = advance(state_, text[i]);
    const std::size_t match_bytes = nodes_[state_].match_bytes;
    if (match_bytes == 0) continue;
    held_.append(text.substr(0, i + 1));
    matched_ = held().substr(held().size() - match_bytes);
    stopped_ = true;
    std::string emit = release(match_bytes);
    held_.clear();
    held_begin_ = 0;
    return {std::move(emit), true};
  }
  held_.append(text);
  return {release(nodes_[state_].depth), false};
}

// Takes all but the last keep_bytes out of what is held.
std::string StopMatcher::release(std::size_t keep_bytes) {
  const std::size_t bytes = held().size() - keep_bytes;
  std::string released(held().substr(0, bytes));
  held_begin_ += bytes;
  if (held_begin_ > held_.size() / 2) {
    held_.erase(0, held_begin_);
    held_begin_ = 0;
  }
  return released;
}

std::string StopMatcher::flush() {
  std::string rest = release(0);
  state_ = 0;
  return rest;
}

void StopMatcher::reset() {
  state_ = 0;
  stopped_ = false;
  matched_.clear();
  held_.clear();
  held_begin_ = 0;
}

}  // namespace pangu
