// SPDX-License-Identifier: Apache-2.0
#include "train/teacher_records.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/hash.h"

namespace pangu {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kMagic = 0x31525450;  // "PTR1"
constexpr std::uint32_t kMaxRows = 1u << 24;  // the longest data.sequence_length
/// By how much probabilities, each rounded to f32, may miss 1 in sum.
constexpr double kTolerance = 1e-3;

/// As the file has it.
struct StoredHead {
  std::uint32_t magic, rows;
  std::uint64_t high, low, payload_hash, head_hash;
};
static_assert(sizeof(StoredHead) == kRecordHeadBytes);

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  ContentHash hash;
  hash.add(bytes);
  return hash.value();
}

std::uint64_t head_hash(const StoredHead& head) {
  return hash_of(std::as_bytes(std::span(&head, 1)).first(offsetof(StoredHead, head_hash)));
}

template <class T>
void put(std::span<std::byte>& to, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  std::ranges::copy(bytes, to.begin());
  to = to.subspan(bytes.size());
}

template <class T>
std::vector<T> take(std::span<const std::byte>& from, std::size_t n) {
  std::vector<T> values(n);
  std::ranges::copy(from.first(n * sizeof(T)), std::as_writable_bytes(std::span(values)).begin());
  from = from.subspan(n * sizeof(T));
  return values;
}

/// Whether a row is k ids that rise and a distribution over them and all others.
bool is_row(const ops::TopTokens& t, std::size_t row, const RecordShape& shape) {
  const auto k = static_cast<std::size_t>(t.k);
  const auto ids = std::span(t.ids).subspan(row * k, k);
  const auto log_probs = std::span(t.log_probs).subspan(row * k, k);
  const auto unfit = [](TokenId a, TokenId b) { return a >= b; };
  if (ids.front() < 0 || ids.back() >= shape.vocabulary) return false;
  if (std::ranges::adjacent_find(ids, unfit) != ids.end()) return false;
  double sum = std::exp(double{t.log_others[row]});
  for (const float p : log_probs) {
    if (!std::isfinite(p)) return false;
    sum += std::exp(double{p});
  }
  return std::abs(sum - 1) < kTolerance;  // false for NaN
}

/// Whether nothing was written there: a power cut may leave the length of a file without its bytes.
bool all_zero(std::uint64_t begin, std::uint64_t size, const ReadAt& read) {
  std::vector<std::byte> buffer(64 << 10);
  for (std::uint64_t at = begin; at < size; at += buffer.size()) {
    const auto part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), size - at));
    read(at, part);
    if (std::ranges::any_of(part, [](std::byte b) { return b != std::byte{0}; })) return false;
  }
  return true;
}

/// A power cut may leave the length of the last record without all of its payload.
void drop_torn_record(RecordScan& scan, const ReadAt& read) {
  if (scan.records.empty()) return;
  const RecordPlace& last = scan.records.back();
  std::vector<std::byte> payload(scan.end - last.payload);
  read(last.payload, payload);
  if (hash_of(payload) == last.head.payload_hash) return;
  scan.end = last.payload - kRecordHeadBytes;
  scan.records.pop_back();
}

}  // namespace

std::optional<RecordHead> parse_record_head(std::span<const std::byte, kRecordHeadBytes> bytes) {
  StoredHead head;
  std::memcpy(&head, bytes.data(), sizeof head);
  const bool is_head = head.magic == kMagic && head.rows > 0 && head.rows <= kMaxRows &&
                       head.head_hash == head_hash(head);
  if (!is_head) return std::nullopt;
  return RecordHead{
      .key = {head.high, head.low}, .rows = head.rows, .payload_hash = head.payload_hash};
}

std::vector<std::byte> encode_record(const RecordKey& key, const ops::TopTokens& top) {
  const auto rows = static_cast<std::uint32_t>(top.rows());
  std::vector<std::byte> out(kRecordHeadBytes + RecordShape{.k = top.k}.bytes(rows));
  auto to = std::span(out).subspan(kRecordHeadBytes);
  put(to, top.ids);
  put(to, top.log_probs);
  put(to, top.log_others);
  StoredHead head{.magic = kMagic,
                  .rows = rows,
                  .high = key.high,
                  .low = key.low,
                  .payload_hash = hash_of(std::span(out).subspan(kRecordHeadBytes)),
                  .head_hash = 0};
  head.head_hash = head_hash(head);
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

ops::TopTokens parse_record(std::span<const std::byte> payload, const RecordHead& head,
                            const RecordShape& shape, const std::string& where) {
  const auto damaged = [&](const char* what) {
    fail<FileError>("[distill] {} is damaged: {}. Remove the folder; the teacher then runs again.",
                    where, what);
  };
  if (payload.size() != shape.bytes(head.rows)) damaged("a record has another size than it says");
  if (hash_of(payload) != head.payload_hash) damaged("a record has another checksum than it says");
  const std::size_t rows = head.rows, n = rows * static_cast<std::size_t>(shape.k);
  ops::TopTokens top{.k = shape.k, .ids = {}, .log_probs = {}, .log_others = {}};
  top.ids = take<TokenId>(payload, n);
  top.log_probs = take<float>(payload, n);
  top.log_others = take<float>(payload, rows);
  for (std::size_t r = 0; r < rows; ++r) {
    if (!is_row(top, r, shape)) damaged("a record has ids or probabilities that cannot be");
  }
  return top;
}

RecordScan scan_records(std::uint64_t size, const ReadAt& read, const RecordShape& shape,
                        const std::string& file) {
  RecordScan scan;
  while (size - scan.end >= kRecordHeadBytes) {
    std::array<std::byte, kRecordHeadBytes> bytes;
    read(scan.end, bytes);
    const std::optional<RecordHead> head = parse_record_head(bytes);
    if (!head) {
      if (all_zero(scan.end + kRecordHeadBytes, size, read)) break;
      fail<FileError>(
          "[distill] {} is damaged: there is no record at byte {}. Remove the folder; the teacher "
          "then runs again.",
          file, scan.end);
    }
    const std::uint64_t payload = scan.end + kRecordHeadBytes;
    if (size - payload < shape.bytes(head->rows)) break;
    scan.records.push_back({.head = *head, .payload = payload});
    scan.end = payload + shape.bytes(head->rows);
  }
  drop_torn_record(scan, read);
  return scan;
}

}  // namespace pangu
