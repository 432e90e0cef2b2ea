// SPDX-License-Identifier: Apache-2.0
// The records of a teacher cache: what a teacher says of one piece of a document.
//
// A file is records, one after the other, and nothing else; numbers are little-endian.
//   head     magic "PTR1", rows u32, key 2 x u64, hash of the payload u64, hash of the head u64
//   payload  ids i32 [rows, k], log-probabilities f32 [rows, k], log of all others' f32 [rows]
// Appended in one go and read with suspicion: a file that ends within its last record, as a crash
// leaves it, is read up to that; any other damage is an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/distill_loss.h"

namespace pangu {

/// Names a piece of a document by its content.
struct RecordKey {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const RecordKey&, const RecordKey&) = default;
};

/// What all records of a cache have in common.
struct RecordShape {
  std::int64_t k = 1;           ///< tokens that are known of a row
  std::int64_t vocabulary = 1;  ///< ids are below

  /// Bytes of a payload.
  std::uint64_t bytes(std::uint32_t rows) const {
    return rows * (8 * static_cast<std::uint64_t>(k) + 4);
  }
};

struct RecordHead {
  RecordKey key;
  std::uint32_t rows = 0;
  std::uint64_t payload_hash = 0;
};

inline constexpr std::size_t kRecordHeadBytes = 40;

/// What these bytes say of the record that they begin, if they begin one.
std::optional<RecordHead> parse_record_head(std::span<const std::byte, kRecordHeadBytes> bytes);

/// A whole record.
std::vector<std::byte> encode_record(const RecordKey& key, const ops::TopTokens& top);

/// The payload of a record. Throws FileError unless it has the hash, ids that rise and are in the
/// vocabulary, and probabilities that add up to 1; `where` names it.
ops::TopTokens parse_record(std::span<const std::byte> payload, const RecordHead& head,
                            const RecordShape& shape, const std::string& where);

struct RecordPlace {
  RecordHead head;
  std::uint64_t payload = 0;  ///< where it begins
};

struct RecordScan {
  std::vector<RecordPlace> records;
  std::uint64_t end = 0;  ///< of the last whole record: what follows is torn
};

/// Reads bytes at a place of a file into a buffer, all of them.
using ReadAt = std::function<void(std::uint64_t offset, std::span<std::byte> to)>;

/// Finds the records of a file of `size` bytes by their heads; of payloads it reads the last, the
/// only one that a crash can have torn. Throws FileError for other damage; `file` names it.
RecordScan scan_records(std::uint64_t size, const ReadAt& read, const RecordShape& shape,
                        const std::string& file);

}  // namespace pangu
