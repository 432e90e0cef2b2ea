// SPDX-License-Identifier: Apache-2.0
// A teacher's words are found again by what they are about, by later processes and by others at the
// same time; folders of other kinds, damage and full disks are refused.
#include "train/teacher_cache.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "base/log.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

TeacherCacheKind kind() {
  return {.teacher = "0123456789abcdef",
          .dtype = DType::kF32,
          .temperature = 2,
          .top_k = 1,
          .vocabulary = 9};
}

/// Two documents: tokens 1 2 3, of which the last two are learnt from, and tokens `other` and 5.
TokenBatch batch_of(TokenId other) {
  return {.tokens = {1, 2, 3, other, 5},
          .positions = {0, 1, 2, 0, 1},
          .document_starts = {0, 3},
          .targets = {kNoTarget, 3, 4, 5, 6}};
}

ops::TopTokens words(TokenId id, std::size_t rows) {
  return {.k = 1,
          .ids = std::vector<TokenId>(rows, id),
          .log_probs = std::vector<float>(rows, std::log(0.75f)),
          .log_others = std::vector<float>(rows, std::log(0.25f))};
}

class TeacherCacheTest : public testing::Test {
 protected:
  test::ScratchDir scratch_;
  const fs::path folder_ = scratch_ / "deep/cache";
};

TEST_F(TeacherCacheTest, KeepsWhatItIsToldForLaterProcesses) {
  const TokenBatch batch = batch_of(4);
  RecordKey first;
  {
    TeacherCache cache(folder_, kind());
    first = cache.key_of(batch, 0);
    EXPECT_FALSE(cache.contains(first));
    cache.add(first, words(7, 2));
    cache.add(first, words(8, 2));  // known already
    cache.add(cache.key_of(batch, 1), words(3, 2));
    EXPECT_EQ(cache.read(first, 2).ids, (std::vector<TokenId>{7, 7}));
  }
  TeacherCache cache(folder_, kind());
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.key_of(batch, 0), first);
  EXPECT_EQ(cache.read(first, 2).ids, (std::vector<TokenId>{7, 7}));
  EXPECT_EQ(cache.read(cache.key_of(batch, 1), 2).ids, (std::vector<TokenId>{3, 3}));
  PANGU_EXPECT_ERROR(cache.read(first, 3), FileError, "2 rows", "has 3");
}

TEST_F(TeacherCacheTest, KeysAreAboutTheContentAlone) {
  const TeacherCache cache(folder_, kind());
  const TokenBatch a = batch_of(4), b = batch_of(6);
  EXPECT_EQ(cache.key_of(a, 0), cache.key_of(b, 0));
  EXPECT_FALSE(cache.key_of(a, 1) == cache.key_of(b, 1));
  TokenBatch c = a;
  c.targets[1] = kNoTarget;
  EXPECT_FALSE(cache.key_of(c, 0) == cache.key_of(a, 0));
  c = a;
  c.targets[1] = 8;  // what is learnt there does not matter to the teacher
  EXPECT_EQ(cache.key_of(c, 0), cache.key_of(a, 0));
  c.positions[1] = 5;
  EXPECT_FALSE(cache.key_of(c, 0) == cache.key_of(a, 0));
  // In another kind of cache nothing has the same name.
  TeacherCacheKind other = kind();
  other.temperature = 3;
  EXPECT_FALSE(TeacherCache(scratch_ / "other", other).key_of(a, 0) == cache.key_of(a, 0));
}

TEST_F(TeacherCacheTest, SeveralProcessesShareAFolder) {
  const TokenBatch batch = batch_of(4);
  {
    TeacherCache one(folder_, kind());
    one.add(one.key_of(batch, 0), words(7, 2));
    TeacherCache two(folder_, kind());
    EXPECT_TRUE(two.contains(two.key_of(batch, 0)));
    two.add(two.key_of(batch, 1), words(3, 2));
    one.add(one.key_of(batch, 1), words(3, 2));
  }
  EXPECT_TRUE(fs::exists(folder_ / "part-001.bin"));
  TeacherCache cache(folder_, kind());
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(cache.read(cache.key_of(batch, 1), 2).ids, (std::vector<TokenId>{3, 3}));
}

TEST_F(TeacherCacheTest, OtherKindsAreRefusedByName) {
  { const TeacherCache cache(folder_, kind()); }
  const auto open_with = [&](const auto& change) {
    TeacherCacheKind k = kind();
    change(k);
    const TeacherCache cache(folder_, k);
  };
  PANGU_EXPECT_ERROR(open_with([](auto& k) { k.teacher = "fedcba9876543210"; }), ConfigError,
                     "teacher = \"0123456789abcdef\"", "fedcba9876543210", "another folder");
  PANGU_EXPECT_ERROR(open_with([](auto& k) { k.temperature = 3; }), ConfigError,
                     "temperature = 2.0", "has 3.0");
  PANGU_EXPECT_ERROR(open_with([](auto& k) { k.top_k = 2; }), ConfigError, "top_k = 1", "has 2");
  PANGU_EXPECT_ERROR(open_with([](auto& k) { k.dtype = DType::kBF16; }), ConfigError, "dtype");
}

TEST_F(TeacherCacheTest, TornEndsAreDroppedAndOtherDamageIsRefused) {
  const TokenBatch batch = batch_of(4);
  {
    TeacherCache cache(folder_, kind());
    for (const std::size_t d : {0u, 1u}) cache.add(cache.key_of(batch, d), words(7, 2));
  }
  const fs::path file = folder_ / "part-000.bin";
  const auto whole = fs::file_size(file);
  fs::resize_file(file, whole - 1);
  std::string warning;
  log::set_sink([&](log::Level, std::string_view text) { warning = text; });
  {
    TeacherCache cache(folder_, kind());
    EXPECT_EQ(cache.size(), 1u);
    EXPECT_NE(warning.find("never finished"), std::string::npos) << warning;
    EXPECT_EQ(fs::file_size(file), whole / 2);
    cache.add(cache.key_of(batch, 1), words(7, 2));
  }
  log::set_sink({});
  EXPECT_EQ(TeacherCache(folder_, kind()).size(), 2u);
  const std::string bytes = test::read_file(file);
  std::string damaged = bytes;
  damaged[5] ^= 1;
  test::write_file(file, damaged);
  PANGU_EXPECT_ERROR(TeacherCache(folder_, kind()), FileError, "part-000.bin", "byte 0",
                     "Remove the folder");
  damaged = bytes;
  damaged[kRecordHeadBytes] ^= 1;
  test::write_file(file, damaged);
  const TeacherCache cache(folder_, kind());
  PANGU_EXPECT_ERROR(cache.read(cache.key_of(batch, 0), 2), FileError, "part-000.bin", "checksum");
}

TEST_F(TeacherCacheTest, FoldersThatAreNoCacheAreLetBe) {
  test::write_file(folder_ / "thesis.txt", "mine");
  PANGU_EXPECT_ERROR(TeacherCache(folder_, kind()), FileError, "no cache of a teacher",
                     "an empty or a new folder");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  PANGU_EXPECT_ERROR(TeacherCache(folder_ / "thesis.txt/cache", kind()), FileError, "thesis.txt");
  test::write_file(scratch_ / "odd/cache.json", "{\"what\": ");
  PANGU_EXPECT_ERROR(TeacherCache(scratch_ / "odd", kind()), FileError, "cache.json");
  if (::geteuid() == 0) return;  // root may write anywhere
  fs::create_directories(scratch_ / "locked");
  fs::permissions(scratch_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  PANGU_EXPECT_ERROR(TeacherCache(scratch_ / "locked", kind()), FileError, "locked");
}

}  // namespace
}  // namespace pangu
