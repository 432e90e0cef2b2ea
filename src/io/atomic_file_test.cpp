// SPDX-License-Identifier: Apache-2.0
#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iterator>
#include <string>
#include <thread>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entries_beside(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

TEST(AtomicFile, AppearsOnCommitOnly) {
  test::ScratchDir dir;
  {
    AtomicFile file(dir / "out");
    file.write("hello ");
    file.write("world");
    EXPECT_FALSE(fs::exists(dir / "out"));
    file.commit();
    EXPECT_EQ(file.size(), 11u);
    PANGU_EXPECT_ERROR(file.write("late"), FileError, "committed");
  }
  EXPECT_EQ(test::read_file(dir / "out"), "hello world");
  EXPECT_EQ(entries_beside(dir.path()), 1);
}

TEST(AtomicFile, LeavesTheOldFileAndNoRestWhenAbandoned) {
  test::ScratchDir dir;
  test::write_file(dir / "out", "old");
  {
    AtomicFile file(dir / "out");
    file.write(std::string(1'000'000, 'x'));
  }
  EXPECT_EQ(test::read_file(dir / "out"), "old");
  EXPECT_EQ(entries_beside(dir.path()), 1);
}

TEST(AtomicFile, WritesAnySizeInAnyPieces) {
  test::ScratchDir dir;
  constexpr std::size_t kLarge = std::size_t{256} << 10;
  for (const std::size_t piece : {std::size_t{1000}, kLarge - 1, kLarge, kLarge + 1}) {
    std::string want;
    AtomicFile file(dir / "out");
    for (int i = 0; i < 5; ++i) {
      const std::string part(piece, static_cast<char>('a' + i));
      file.write(part);
      file.write("");
      file.write("|");
      want += part + "|";
    }
    file.commit();
    EXPECT_EQ(test::read_file(dir / "out"), want) << piece;
  }
  AtomicFile(dir / "empty").commit();
  EXPECT_EQ(fs::file_size(dir / "empty"), 0u);
}

TEST(AtomicFile, WritesPiecesOfTwoPlacesInTurns) {
  test::ScratchDir dir;
  constexpr std::size_t kLarge = std::size_t{256} << 10;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{70'000}, kLarge}) {
    constexpr std::size_t kPieces = 20;
    std::string first, second;
    AtomicFile file(dir / "out");
    file.write("head");
    for (std::size_t i = 0; i < kPieces; ++i) {
      const std::string a(piece, static_cast<char>('a' + i));
      const std::string b(piece / 2, static_cast<char>('A' + i));
      file.write_at(4 + i * piece, std::as_bytes(std::span(a)));
      file.write_at(4 + kPieces * piece + i * b.size(), std::as_bytes(std::span(b)));
      first += a;
      second += b;
    }
    file.commit();
    EXPECT_EQ(file.size(), 4 + first.size() + second.size());
    EXPECT_TRUE(test::read_file(dir / "out") == "head" + first + second) << piece;
  }
}

TEST(AtomicFile, KeepsTheOrderOfWhatIsWrittenStraight) {
  test::ScratchDir dir;
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = test::read_file(dir / "pipe"); });
  const std::string large(std::size_t{1} << 20, 'x');
  AtomicFile file(dir / "pipe");
  for (const auto& piece : {std::string("a"), large, std::string("b")}) file.write(piece);
  file.commit();
  reader.join();
  EXPECT_TRUE(got == "a" + large + "b");
}

TEST(AtomicFile, KeepsPermissionsAndWritesThroughLinks) {
  test::ScratchDir dir;
  fs::create_directories(dir / "real");
  test::write_file(dir / "real/out", "old");
  ASSERT_EQ(chmod((dir / "real/out").c_str(), 0640), 0);
  fs::create_symlink("real/out", dir / "link");
  write_file_atomically(dir / "link", "new");
  EXPECT_TRUE(fs::is_symlink(dir / "link"));
  EXPECT_EQ(test::read_file(dir / "real/out"), "new");
  struct stat info {};
  ASSERT_EQ(stat((dir / "real/out").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(AtomicFile, WorksInTheCurrentFolder) {
  const fs::path name = fmt::format("pangu-atomic-test-{}", getpid());
  write_file_atomically(name, "here");
  EXPECT_EQ(test::read_file(name), "here");
  fs::remove(name);
}

TEST(AtomicFile, WritesStraightToPipesAndDevices) {
  EXPECT_NO_THROW(write_file_atomically("/dev/null", "gone"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));

  test::ScratchDir dir;
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = test::read_file(dir / "pipe"); });
  write_file_atomically(dir / "pipe", "through");
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_EQ(entries_beside(dir.path()), 1);
}

TEST(AtomicFile, AppendsToAnOpenDescriptorThatLeadsToAFile) {
  test::ScratchDir dir;
  const int fd = open((dir / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(write(fd, "a", 1), 1);
  write_file_atomically(fmt::format("/dev/fd/{}", fd), "b");
  close(fd);
  EXPECT_EQ(test::read_file(dir / "out"), "ab");
}

TEST(AtomicFile, SaysWhyItCannotWrite) {
  test::ScratchDir dir;
  test::write_file(dir / "plain", "x");
  PANGU_EXPECT_ERROR(AtomicFile(dir / "no/such/out"), FileError, "no/such/out", "no folder",
                     "Create it");
  PANGU_EXPECT_ERROR(AtomicFile(dir / "plain/out"), FileError, "plain/out", "no folder");
  PANGU_EXPECT_ERROR(AtomicFile(dir.path()), FileError, dir.path().c_str(), "is a folder");
  PANGU_EXPECT_ERROR(AtomicFile(""), FileError, "Add a file name");
  PANGU_EXPECT_ERROR(AtomicFile(dir / "new/"), FileError, "Add a file name");
  PANGU_EXPECT_ERROR(write_file_atomically("/dev/full", "x"), FileError, "/dev/full",
                     "No space left on device", "Free space");
  PANGU_EXPECT_ERROR(AtomicFile("/proc/out"), FileError, "/proc/out", "folder");
}

TEST(AtomicFile, SaysWhenPermissionIsMissing) {
  test::ScratchDir dir;
  ASSERT_EQ(chmod(dir.path().c_str(), 0500), 0);
  // Root may write everywhere, so it becomes nobody for this test.
  const bool was_root = geteuid() == 0;
  ASSERT_TRUE(!was_root || seteuid(65534) == 0);
  PANGU_EXPECT_ERROR(AtomicFile(dir / "out"), FileError, "out", "Permission denied");
  ASSERT_TRUE(!was_root || seteuid(0) == 0);
  ASSERT_EQ(chmod(dir.path().c_str(), 0700), 0);
}

}  // namespace
}  // namespace pangu
