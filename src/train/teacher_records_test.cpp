// SPDX-License-Identifier: Apache-2.0
// Records come back as they were written; torn ends are dropped, all other damage is an error.
#include "train/teacher_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr RecordShape kShape{.k = 2, .vocabulary = 5};

/// Rows that differ, each a distribution.
ops::TopTokens some_rows(std::uint32_t rows) {
  ops::TopTokens top{.k = 2, .ids = {}, .log_probs = {}, .log_others = {}};
  for (std::uint32_t r = 0; r < rows; ++r) {
    const auto first = static_cast<TokenId>(r % 4);
    top.ids.insert(top.ids.end(), {first, 4});
    top.log_probs.insert(top.log_probs.end(), {std::log(0.5f), std::log(0.125f)});
    top.log_others.push_back(std::log(0.375f));
  }
  return top;
}

using Bytes = std::vector<std::byte>;

Bytes file_of(const std::vector<std::uint32_t>& rows) {
  Bytes file;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Bytes record = encode_record({i, ~i}, some_rows(rows[i]));
    file.insert(file.end(), record.begin(), record.end());
  }
  return file;
}

RecordScan scan(const Bytes& file) {
  const ReadAt read = [&](std::uint64_t offset, std::span<std::byte> to) {
    ASSERT_LE(offset + to.size(), file.size());
    std::ranges::copy(std::span(file).subspan(offset, to.size()), to.begin());
  };
  return scan_records(file.size(), read, kShape, "part-000.bin");
}

ops::TopTokens parse(const Bytes& file, const RecordPlace& place) {
  const auto payload = std::span(file).subspan(place.payload, kShape.bytes(place.head.rows));
  return parse_record(payload, place.head, kShape, "part-000.bin");
}

TEST(TeacherRecords, ComeBackAsTheyWere) {
  const Bytes file = file_of({3, 1, 200});
  const RecordScan found = scan(file);
  EXPECT_EQ(found.end, file.size());
  ASSERT_EQ(found.records.size(), 3u);
  EXPECT_EQ(found.records[1].head.key, (RecordKey{1, ~std::uint64_t{1}}));
  const ops::TopTokens expected = some_rows(200), got = parse(file, found.records[2]);
  EXPECT_EQ(got.ids, expected.ids);
  EXPECT_EQ(got.log_probs, expected.log_probs);
  EXPECT_EQ(got.log_others, expected.log_others);
  EXPECT_TRUE(scan({}).records.empty());
}

TEST(TeacherRecords, ATornEndIsDroppedWhereverItIsTorn) {
  const Bytes whole = file_of({3, 2});
  const std::size_t first = file_of({3}).size();
  for (std::size_t size = first; size < whole.size(); ++size) {
    const RecordScan found = scan(Bytes(whole.begin(), whole.begin() + std::ptrdiff_t(size)));
    EXPECT_EQ(found.records.size(), 1u) << size;
    EXPECT_EQ(found.end, first);
  }
  // After a power cut the length may be there without the bytes.
  for (std::size_t from = first; from < whole.size(); ++from) {
    Bytes file = whole;
    std::fill(file.begin() + std::ptrdiff_t(from), file.end(), std::byte{0});
    EXPECT_EQ(scan(file).end, first) << from;
  }
}

TEST(TeacherRecords, OtherDamageIsAnError) {
  const Bytes whole = file_of({3, 2});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes file = whole;
    file[at] ^= std::byte{0x10};
    bool refused = false;
    try {
      const RecordScan found = scan(file);
      for (const RecordPlace& place : found.records) parse(file, place);
      refused = found.records.size() == 1;  // taken for torn, being the last
    } catch (const FileError& error) {
      refused = true;
      EXPECT_NE(std::string(error.what()).find("part-000.bin"), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("Remove the folder"), std::string::npos);
    }
    EXPECT_TRUE(refused) << at;
  }
}

/// A payload with a right checksum.
void parse_forged(const ops::TopTokens& top) {
  const Bytes record = encode_record({}, top);
  const auto head = parse_record_head(std::span(record).first<kRecordHeadBytes>());
  ASSERT_TRUE(head);
  parse_record(std::span(record).subspan(kRecordHeadBytes), *head, kShape, "file");
}

TEST(TeacherRecords, WhatCannotBeIsRefusedWhateverItsChecksum) {
  EXPECT_NO_THROW(parse_forged(some_rows(4)));
  const auto forged = [](const auto& change) {
    ops::TopTokens top = some_rows(4);
    change(top);
    parse_forged(top);
  };
  const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
  PANGU_EXPECT_ERROR(forged([](auto& t) { t.ids[1] = 5; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([](auto& t) { t.ids[0] = -1; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([](auto& t) { t.ids[0] = t.ids[1]; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([&](auto& t) { t.log_probs[2] = nan; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([&](auto& t) { t.log_probs[2] = -inf; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([&](auto& t) { t.log_probs[2] = 0.5f; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([&](auto& t) { t.log_others[3] = nan; }), FileError, "cannot be");
  PANGU_EXPECT_ERROR(forged([&](auto& t) { t.log_others[3] = -inf; }), FileError, "cannot be");
}

}  // namespace
}  // namespace pangu
