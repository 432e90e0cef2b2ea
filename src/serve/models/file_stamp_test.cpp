// SPDX-License-Identifier: Apache-2.0
#include "serve/models/file_stamp.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu::serve {
namespace {

namespace fs = std::filesystem;

TEST(FileStamp, SeesEveryFileOfAFolder) {
  const test::ScratchDir dir;
  EXPECT_TRUE(file_stamp(dir / "none").empty());
  EXPECT_EQ(files_since(dir / "none", {}), "gone");
  test::write_file(dir / "m/config.json", "{}");
  test::write_file(dir / "m/model.safetensors", "weights");
  const FileStamp before = file_stamp(dir / "m");
  EXPECT_EQ(before.size(), 2u);
  EXPECT_EQ(files_since(dir / "m", before), "unchanged");
  test::write_file(dir / "m/model.safetensors", "longer weights");
  EXPECT_EQ(files_since(dir / "m", before), "changed");
  test::write_file(dir / "m/model.safetensors", "WEIGHTS");
  fs::last_write_time(
      dir / "m/model.safetensors",
      before.at((dir / "m/model.safetensors").string()).changed + std::chrono::seconds(2));
  EXPECT_EQ(files_since(dir / "m", before), "changed") << "of the same size, but later";
  fs::remove(dir / "m/config.json");
  EXPECT_EQ(files_since(dir / "m", before), "changed");
  fs::remove_all(dir / "m");
  EXPECT_EQ(files_since(dir / "m", before), "gone");
}

TEST(FileStamp, SeesEveryPartOfASplitFileAndNoOther) {
  const test::ScratchDir dir;
  for (const char* name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "other.gguf"}) {
    test::write_file(dir / name, name);
  }
  const fs::path first = dir / "m-00001-of-00002.gguf";
  const FileStamp before = file_stamp(first);
  EXPECT_EQ(before.size(), 2u);
  test::write_file(dir / "other.gguf", "something else");
  EXPECT_EQ(files_since(first, before), "unchanged");
  test::write_file(dir / "m-00002-of-00002.gguf", "something else");
  EXPECT_EQ(files_since(first, before), "changed");
}

}  // namespace
}  // namespace pangu::serve
