// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::int32_t kApplication = 4711;
constexpr const char* kFirst[] = {"CREATE TABLE t (x INTEGER);"};
constexpr const char* kBoth[] = {"CREATE TABLE t (x INTEGER);",
                                 "ALTER TABLE t ADD COLUMN y INTEGER NOT NULL DEFAULT 5;"};

std::string message_of(const std::filesystem::path& file, Access access, Migrations migrations,
                       std::int32_t application = kApplication) {
  try {
    const Database database(file, access, application, migrations);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

std::int64_t count(const Database& database) {
  Statement query = database.statement("SELECT count(*) FROM t");
  return query.step() ? query.integer(0) : -1;
}

TEST(Database, KeepsWhatWasWritten) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "below" / "it" / "a.db";
  {
    const Database database(file, Access::kWrite, kApplication, kBoth);
    Statement insert = database.statement("INSERT INTO t VALUES (?, ?)");
    insert.bind(std::int64_t{1} << 40).bind(std::int64_t{7}).run();
    insert.bind(std::int64_t{2}).bind(std::int64_t{8}).run();
  }
  const Database database(file, Access::kRead, kApplication, kBoth);
  Statement query = database.statement("SELECT x, y FROM t ORDER BY y");
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.integer(0), std::int64_t{1} << 40);
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.integer(1), 8);
  EXPECT_FALSE(query.step());
  EXPECT_THROW(database.statement("INSERT INTO t VALUES (1, 2)").run(), FileError);
}

TEST(Database, MigratesOlderFilesAndKeepsTheirRows) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  {
    const Database old(file, Access::kWrite, kApplication, kFirst);
    old.run("INSERT INTO t VALUES (3)");
  }
  EXPECT_THAT(message_of(file, Access::kRead, kBoth),
              AllOf(HasSubstr("version 1"), HasSubstr("version 2"), HasSubstr("pangu profile")));
  const Database database(file, Access::kWrite, kApplication, kBoth);
  Statement query = database.statement("SELECT x, y FROM t");
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.integer(0), 3);
  EXPECT_EQ(query.integer(1), 5);
  query.step();
  EXPECT_EQ(message_of(file, Access::kRead, kBoth), "no error");
}

TEST(Database, AFailedMigrationChangesNothing) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  { const Database old(file, Access::kWrite, kApplication, kFirst); }
  const char* const broken[] = {kFirst[0], "CREATE TABLE u (x); CREATE TABLE u (x);"};
  EXPECT_THAT(message_of(file, Access::kWrite, broken), HasSubstr("already exists"));
  EXPECT_EQ(message_of(file, Access::kRead, kFirst), "no error");
}

TEST(Database, RefusesWhatItCannotKnow) {
  const test::ScratchDir dir;
  const auto missing = dir.path() / "none.db", newer = dir.path() / "newer.db",
             text = dir.path() / "text.db", other = dir.path() / "other.db";
  EXPECT_THAT(message_of(missing, Access::kRead, kFirst),
              AllOf(HasSubstr("none.db"), HasSubstr("Run pangu profile")));
  EXPECT_FALSE(std::filesystem::exists(missing));
  { const Database database(newer, Access::kWrite, kApplication, kBoth); }
  EXPECT_THAT(message_of(newer, Access::kWrite, kFirst),
              AllOf(HasSubstr("version 2"), HasSubstr("Update pangu"), HasSubstr("--db")));
  std::ofstream(text) << std::string(5000, 'x');
  EXPECT_THAT(message_of(text, Access::kWrite, kFirst),
              AllOf(HasSubstr("text.db"), HasSubstr("no database")));
  { const Database database(other, Access::kWrite, 1, kFirst); }
  EXPECT_THAT(message_of(other, Access::kWrite, kFirst), HasSubstr("another program"));
  EXPECT_THAT(message_of(dir.path() / "text.db" / "a.db", Access::kWrite, kFirst),
              HasSubstr("cannot be made"));
  EXPECT_THAT(message_of(dir.path(), Access::kWrite, kFirst), HasSubstr("cannot be opened"));
}

TEST(Database, ADamagedFileIsAnErrorThatSaysSo) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  {
    const Database database(file, Access::kWrite, kApplication, kFirst);
    database.run(
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 5000) SELECT i FROM n");
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(4096);
  bytes << std::string(8192, '\x5a');
  bytes.close();
  const Database database(file, Access::kRead, kApplication, kFirst);
  try {
    count(database);
    FAIL() << "the damage went unnoticed";
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("a.db"), HasSubstr("damaged")));
  }
}

TEST(Database, NamesThatSqliteUnderstandsDifferentlyAreFiles) {
  const test::ScratchDir dir;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  for (const char* name : {":memory:", "file:a.db?mode=memory"}) {
    { const Database database(name, Access::kWrite, kApplication, kFirst); }
    EXPECT_TRUE(std::filesystem::is_regular_file(dir.path() / name)) << name;
  }
  std::filesystem::current_path(before);
  EXPECT_THAT(message_of("", Access::kWrite, kFirst), HasSubstr("name of the database is empty"));
}

TEST(Database, SaysWhatHidesAFile) {
  const test::ScratchDir dir;
  std::filesystem::create_symlink("b", dir.path() / "a");
  std::filesystem::create_symlink("a", dir.path() / "b");
  EXPECT_THAT(message_of(dir.path() / "a" / "p.db", Access::kRead, kFirst),
              AllOf(HasSubstr("p.db"), HasSubstr("symbolic links")));
}

TEST(Database, ColumnsOfAnotherTypeAreErrorsThatNameThem) {
  const test::ScratchDir dir;
  const Database database(dir.path() / "a.db", Access::kWrite, kApplication, kFirst);
  Statement row = database.statement("SELECT 'x' AS letter, 1.5 AS part, x'01' AS bytes, 3, NULL");
  ASSERT_TRUE(row.step());
  PANGU_EXPECT_ERROR(row.integer(0), FileError, "a.db", "text", "letter", "an integer");
  PANGU_EXPECT_ERROR(row.number(0), FileError, "letter", "a number");
  PANGU_EXPECT_ERROR(row.integer(1), FileError, "part", "an integer");
  PANGU_EXPECT_ERROR(row.text(1), FileError, "part", "text");
  PANGU_EXPECT_ERROR(row.text(2), FileError, "bytes", "text");
  PANGU_EXPECT_ERROR(row.number(2), FileError, "bytes", "a number");
  EXPECT_EQ(row.number(1), 1.5);
  EXPECT_EQ(row.number(3), 3);
  EXPECT_EQ(row.integer(4), 0);
  EXPECT_EQ(row.number(4), 0);
  EXPECT_EQ(row.text(4), "");
}

TEST(Database, ADiskWithoutRoomIsAnErrorThatSaysSo) {
  const test::ScratchDir dir;
  const Database database(dir.path() / "a.db", Access::kWrite, kApplication, kFirst);
  database.run("PRAGMA max_page_count = 4");
  const Transaction transaction(database);
  Statement insert = database.statement("INSERT INTO t VALUES (?)");
  PANGU_EXPECT_ERROR(for (int i = 0; i < 100; ++i) insert.bind(std::string(1000, 'x')).run(),
                     FileError, "a.db", "written", "disk is full", "--db");
}

TEST(Database, AViewIsEndedAlsoAfterAnError) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  const Database reader(file, Access::kWrite, kApplication, kFirst);
  EXPECT_THROW(
      {
        const View view(reader);
        count(reader);
        reader.statement("SELECT nothing FROM nowhere");
      },
      FileError);
  // Nothing is left that would keep another from writing, or this one from another view.
  Database(file, Access::kWrite, kApplication, kFirst).run("INSERT INTO t VALUES (1)");
  const View view(reader);
  EXPECT_EQ(count(reader), 1);
}

TEST(Database, AViewSeesNothingOfWhatOthersWriteMeanwhile) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  const Database reader(file, Access::kWrite, kApplication, kFirst);
  std::thread writer;
  {
    const View view(reader);
    EXPECT_EQ(count(reader), 0);
    writer = std::thread([&] {
      Database(file, Access::kWrite, kApplication, kFirst).run("INSERT INTO t VALUES (1)");
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(count(reader), 0);
  }
  writer.join();
  EXPECT_EQ(count(reader), 1);
}

TEST(Database, WhatWasNotCommittedIsUndone) {
  const test::ScratchDir dir;
  const Database database(dir.path() / "a.db", Access::kWrite, kApplication, kFirst);
  {
    const Transaction transaction(database);
    database.run("INSERT INTO t VALUES (1)");
  }
  EXPECT_EQ(count(database), 0);
  Transaction transaction(database);
  database.run("INSERT INTO t VALUES (1)");
  transaction.commit();
  EXPECT_EQ(count(database), 1);
}

TEST(Database, TwoWritersTakeTurns) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  const auto write = [&] {
    const Database database(file, Access::kWrite, kApplication, kFirst);
    for (int i = 0; i < 20; ++i) {
      Transaction transaction(database);
      database.run("INSERT INTO t VALUES (1)");
      transaction.commit();
    }
  };
  std::thread other(write);
  write();
  other.join();
  EXPECT_EQ(count(Database(file, Access::kRead, kApplication, kFirst)), 40);
}

/// Writes pairs of rows until it is killed, and tells after each that it is there for good.
[[noreturn]] void write_pairs(const std::filesystem::path& file, int told) {
  const Database database(file, Access::kWrite, kApplication, kFirst);
  while (true) {
    Transaction transaction(database);
    database.run("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
    transaction.commit();
    if (write(told, "x", 1) != 1) _exit(1);
  }
}

TEST(Database, AKilledWriterLosesNothingThatItHadCommitted) {
  const test::ScratchDir dir;
  const auto file = dir.path() / "a.db";
  { const Database database(file, Access::kWrite, kApplication, kFirst); }
  std::int64_t before = 0;
  for (int round = 0; round < 10; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) write_pairs(file, ends[1]);
    close(ends[1]);
    char byte = 0;
    ASSERT_EQ(read(ends[0], &byte, 1), 1);
    std::this_thread::sleep_for(std::chrono::microseconds(700 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    std::int64_t told = 1;
    for (ssize_t n = 0; (n = read(ends[0], &byte, 1)) > 0;) told += n;
    close(ends[0]);
    const std::int64_t now = count(Database(file, Access::kRead, kApplication, kFirst));
    EXPECT_EQ(now % 2, 0);
    EXPECT_GE(now, before + 2 * told);
    before = now;
  }
}

}  // namespace
}  // namespace pangu::adaptive
