// SPDX-License-Identifier: Apache-2.0
// Small pieces of a file, kept in memory until there is enough of them for a few calls of the
// system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace pangu {

/// Pieces that follow one another in the file become one run, also where pieces of several places
/// take turns, as the codes and the scales of quantized rows do. Pieces must not overlap: which of
/// them is handed on first is not kept.
class GatheredPieces {
 public:
  void add(std::uint64_t offset, std::span<const std::byte> bytes);

  /// Bytes that are kept.
  std::size_t size() const { return size_; }

  /// Hands on every run and forgets it; those that were not yet handed on when `write` throws stay.
  void drain(
      const std::function<void(std::uint64_t offset, std::span<const std::byte> run)>& write);

 private:
  std::map<std::uint64_t, std::vector<std::byte>> runs_;  ///< by the place where each ends
  std::size_t size_ = 0;
};

}  // namespace pangu
