// SPDX-License-Identifier: Apache-2.0
#include "train/row_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "train/random_permutation.h"

namespace pangu {
namespace {

/// One stream of random numbers for each shuffle: the order of an epoch, and each pass of a source.
std::uint64_t epoch_stream(std::uint64_t epoch) {
  return epoch << 16;
}
std::uint64_t pass_stream(std::uint64_t pass, std::size_t source) {
  return pass << 16 | (source + 1);
}

}  // namespace

RowStream::RowStream(std::vector<Dataset> datasets, const PackingOptions& options)
    : datasets_(std::move(datasets)), options_(options) {
  for (const Dataset& d : datasets_) {
    const PackedRows& rows = packed_.emplace_back(pack_documents(*d.store, options));
    if (rows.size() == 0) {
      fail<InputError>(
          "[data] {}: every document is longer than data.sequence_length ({}) or has nothing to "
          "learn within it. Choose a longer one, or \"too_long\": \"split\".",
          d.source.path.string(), options.length);
    }
    const auto n = std::llround(d.source.weight * static_cast<double>(rows.size()));
    per_epoch_.push_back(std::max<std::int64_t>(1, n));
    rows_per_epoch_ += per_epoch_.back();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::int64_t length = 0;
      for (const PackedPiece& piece : rows.row(i)) length += piece.length;
      longest_row_ = std::max(longest_row_, length);
    }
  }
}

RowStream::Place RowStream::place(std::int64_t row) const {
  const auto epoch = static_cast<std::uint64_t>(row / rows_per_epoch_);
  const RandomPermutation order(static_cast<std::uint64_t>(rows_per_epoch_), options_.seed,
                                epoch_stream(epoch));
  auto slot = static_cast<std::int64_t>(order(static_cast<std::uint64_t>(row % rows_per_epoch_)));
  std::size_t source = 0;
  while (slot >= per_epoch_[source]) slot -= per_epoch_[source++];
  const std::uint64_t n = packed_[source].size();
  const std::uint64_t at =
      epoch * static_cast<std::uint64_t>(per_epoch_[source]) + static_cast<std::uint64_t>(slot);
  const RandomPermutation pass(n, options_.seed, pass_stream(at / n, source));
  return {source, static_cast<std::size_t>(pass(at % n))};
}

void RowStream::append_row(std::int64_t row, TokenBatch& batch) const {
  const auto [source, number] = place(row);
  for (const PackedPiece& piece : packed_[source].row(number)) {
    const auto document = datasets_[source].store->document(piece.document);
    batch.document_starts.push_back(static_cast<std::int32_t>(batch.size()));
    for (std::uint32_t i = 0; i < piece.length; ++i) {
      const LossToken next = document[piece.begin + i + 1];
      batch.tokens.push_back(token_of(document[piece.begin + i]));
      batch.positions.push_back(static_cast<std::int32_t>(i));
      batch.targets.push_back(has_loss(next) ? token_of(next) : kNoTarget);
    }
  }
}

std::int64_t RowStream::row_targets(std::int64_t row) const {
  const auto [source, number] = place(row);
  std::int64_t n = 0;
  for (const PackedPiece& piece : packed_[source].row(number)) {
    const auto document = datasets_[source].store->document(piece.document);
    n += std::ranges::count_if(document.subspan(piece.begin + 1, piece.length), has_loss);
  }
  return n;
}

std::int64_t RowStream::bytes() const {
  std::uint64_t tokens = 0;
  for (const Dataset& d : datasets_) tokens += d.store->tokens();
  return static_cast<std::int64_t>(tokens * sizeof(LossToken));
}

std::uint64_t RowStream::digest() const {
  Fnv1a digest;
  for (std::size_t s = 0; s < datasets_.size(); ++s) {
    digest.add(datasets_[s].store->digest());
    digest.add(std::bit_cast<std::uint64_t>(datasets_[s].source.weight));
    digest.add(packed_[s].size());
  }
  digest.add(static_cast<std::uint64_t>(options_.length));
  digest.add(options_.seed);
  return digest.value();
}

}  // namespace pangu
