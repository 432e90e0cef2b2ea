// SPDX-License-Identifier: Apache-2.0
#include "train/packing.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/error.h"
#include "train/random_permutation.h"

namespace pangu {
namespace {

/// Sets this order apart from those of the epochs.
constexpr std::uint64_t kPackingStream = ~std::uint64_t{0};

struct OpenRow {
  std::vector<PackedPiece> pieces;
  std::int64_t used = 0;
};

bool anything_to_learn(std::span<const LossToken> document, const PackedPiece& piece) {
  return std::ranges::any_of(document.subspan(piece.begin + 1, piece.length), has_loss);
}

}  // namespace

PackedRows pack_documents(const TokenStore& store, const PackingOptions& options) {
  PackedRows rows;
  std::deque<OpenRow> open;
  const auto close_first = [&] {
    rows.pieces_.insert(rows.pieces_.end(), open.front().pieces.begin(), open.front().pieces.end());
    rows.ends_.push_back(rows.pieces_.size());
    open.pop_front();
  };
  const auto place = [&](const PackedPiece& piece) {
    auto row = std::ranges::find_if(
        open, [&](const OpenRow& r) { return r.used + piece.length <= options.length; });
    if (row == open.end()) {
      if (open.size() == options.window) close_first();
      row = open.insert(open.end(), OpenRow{});
    }
    row->pieces.push_back(piece);
    row->used += piece.length;
  };

  const std::size_t n = store.documents();
  if (n == 0) return rows;
  if (n > std::size_t{0xFFFFFFFF}) {
    fail<InputError>("[data] a source has {} documents; at most 4294967295 are allowed. Split it.",
                     n);
  }
  const auto length = static_cast<std::uint64_t>(options.length);
  const RandomPermutation order(n, options.seed, kPackingStream);
  for (std::size_t i = 0; i < n; ++i) {
    const auto d = static_cast<std::size_t>(order(i));
    const std::span<const LossToken> document = store.document(d);
    std::uint64_t inputs = document.size() - 1;
    if (inputs > length) {
      ++rows.counts_.too_long;
      const std::uint64_t kept = options.too_long == TooLong::kSplit      ? inputs
                                 : options.too_long == TooLong::kTruncate ? length
                                                                          : 0;
      rows.counts_.tokens_left_out += static_cast<std::int64_t>(inputs - kept);
      inputs = kept;
    }
    for (std::uint64_t begin = 0; begin < inputs; begin += length) {
      const PackedPiece piece{
          .document = static_cast<std::uint32_t>(d),
          .length = static_cast<std::uint32_t>(std::min(length, inputs - begin)),
          .begin = begin};
      if (anything_to_learn(document, piece)) {
        place(piece);
      } else {
        rows.counts_.tokens_left_out += piece.length;
      }
    }
  }
  while (!open.empty()) close_first();
  return rows;
}

}  // namespace pangu
