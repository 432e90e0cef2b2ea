// SPDX-License-Identifier: Apache-2.0
#include "io/atomic_folder.h"

#include <iterator>

#include "io/atomic_file.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t entries_of_folder(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

TEST(AtomicFolder, AppearsOnCommitOnlyInPlaceOfNothingOrAnEmptyFolder) {
  const test::ScratchDir dir;
  fs::create_directory(dir / "empty");
  for (const char* name : {"new", "empty", "slash/"}) {
    const auto before = entries_of_folder(dir.path());
    {
      AtomicFolder folder(dir / name);
      write_file_atomically(folder.path() / "file", "text");
      EXPECT_FALSE(fs::exists(dir / name / "file"));
      folder.commit();
    }
    EXPECT_EQ(test::read_file(dir / name / "file"), "text") << name;
    EXPECT_EQ(entries_of_folder(dir.path()), before + (std::string_view(name) == "empty" ? 0 : 1));
  }
}

TEST(AtomicFolder, LeavesNothingWhenAbandoned) {
  const test::ScratchDir dir;
  {
    const AtomicFolder folder(dir / "out");
    write_file_atomically(folder.path() / "file", "text");
    EXPECT_EQ(entries_of_folder(dir.path()), 1);
  }
  EXPECT_EQ(entries_of_folder(dir.path()), 0);
}

TEST(AtomicFolder, RefusesWhatIsThereAndWhatCannotBe) {
  const test::ScratchDir dir;
  test::write_file(dir / "full/file", "kept");
  PANGU_EXPECT_ERROR(AtomicFolder(dir / "full"), FileError, "full", "not empty", "new folder");
  PANGU_EXPECT_ERROR(AtomicFolder(dir / "full/file"), FileError, "exists already");
  PANGU_EXPECT_ERROR(AtomicFolder(dir / "gone/out"), FileError, "there is no folder", "gone");
  PANGU_EXPECT_ERROR(AtomicFolder(dir / "full/file/out"), FileError, "there is no folder");
  EXPECT_EQ(entries_of_folder(dir.path()), 1);
}

TEST(AtomicFolder, RefusesToReplaceWhatCameMeanwhile) {
  const test::ScratchDir dir;
  AtomicFolder folder(dir / "out");
  test::write_file(dir / "out/file", "someone else's");
  PANGU_EXPECT_ERROR(folder.commit(), FileError, "out", "rename");
  EXPECT_EQ(test::read_file(dir / "out/file"), "someone else's");
}

}  // namespace
}  // namespace pangu
