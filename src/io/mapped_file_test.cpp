// SPDX-License-Identifier: Apache-2.0
#include "io/mapped_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

std::string_view text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

TEST(MappedFile, ShowsTheBytesOfTheFile) {
  test::ScratchDir dir;
  for (const std::size_t size : {1u, 4095u, 4096u, 4097u, 100000u}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + 7);
    test::write_file(dir / "f.bin", content);
    const MappedFile file(dir / "f.bin");
    EXPECT_EQ(text_of(file), content);
    EXPECT_EQ(file.bytes().size(), size);
    EXPECT_EQ(file.path(), dir / "f.bin");
  }
}

TEST(MappedFile, DroppedPagesReadTheSameAgain) {
  test::ScratchDir dir;
  const std::string content(5 * 4096 + 100, 'x');
  test::write_file(dir / "f.bin", content);
  const MappedFile file(dir / "f.bin");
  for (const auto& [offset, length] : {std::pair<std::size_t, std::size_t>{0, 0},
                                       {1, 10},
                                       {0, 4096},
                                       {100, 9000},
                                       {4096, content.size()},
                                       {0, SIZE_MAX},
                                       {SIZE_MAX, SIZE_MAX},
                                       {content.size(), 1}}) {
    file.drop(offset, length);
    EXPECT_EQ(text_of(file), content) << offset << " " << length;
  }
}

TEST(MappedFile, KeepsItsAddressWhenMoved) {
  test::ScratchDir dir;
  test::write_file(dir / "a", "first");
  test::write_file(dir / "b", "second");
  MappedFile a(dir / "a");
  const std::byte* address = a.data();
  MappedFile moved(std::move(a));
  EXPECT_EQ(moved.data(), address);
  MappedFile b(dir / "b");
  b = std::move(moved);
  EXPECT_EQ(text_of(b), "first");
  EXPECT_EQ(b.path(), dir / "a");
}

TEST(MappedFile, SaysWhyAFileCannotBeRead) {
  test::ScratchDir dir;
  PANGU_EXPECT_ERROR(MappedFile(dir / "gone"), FileError, "gone", "No such file");
  PANGU_EXPECT_ERROR(MappedFile(dir.path()), FileError, dir.path().c_str(), "is a folder");
  test::write_file(dir / "empty", "");
  PANGU_EXPECT_ERROR(MappedFile(dir / "empty"), FileError, "empty", "0 bytes");
  ASSERT_EQ(mkfifo((dir / "pipe").c_str(), 0600), 0);
  PANGU_EXPECT_ERROR(MappedFile(dir / "pipe"), FileError, "pipe", "regular file");
  PANGU_EXPECT_ERROR(MappedFile(dir / std::string(5000, 'n')), FileError, "File name too long");
}

TEST(MappedFile, SaysWhenPermissionIsMissing) {
  test::ScratchDir dir;
  test::write_file(dir / "secret", "x");
  ASSERT_EQ(chmod((dir / "secret").c_str(), 0), 0);
  // Root may read every file, so it becomes nobody for this test.
  const bool was_root = geteuid() == 0;
  ASSERT_TRUE(!was_root || seteuid(65534) == 0);
  PANGU_EXPECT_ERROR(MappedFile(dir / "secret"), FileError, "secret", "Permission denied");
  ASSERT_TRUE(!was_root || seteuid(0) == 0);
}

}  // namespace
}  // namespace pangu
