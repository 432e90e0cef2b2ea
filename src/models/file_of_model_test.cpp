// SPDX-License-Identifier: Apache-2.0
#include "models/file_of_model.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

TEST(FileOfModel, ThoseOfAFolderAreAllThatLieInIt) {
  const test::ScratchDir dir;
  test::write_file(dir / "m/config.json", "{}");
  test::write_file(dir / "blob", "x");
  fs::create_symlink(dir / "blob", dir / "m/model.safetensors");
  fs::create_directory_symlink(dir / "m", dir / "other");
  for (const char* file : {"m/config.json", "m/new", "other/new", "m/../m/./new", "blob"}) {
    EXPECT_TRUE(is_file_of_model(dir / file, dir / "m")) << file;
    EXPECT_TRUE(is_file_of_model(dir / file, dir / "other/")) << file;
  }
  for (const char* file : {"new", "m.gguf", "m/sub/new", "absent/config.json"}) {
    EXPECT_FALSE(is_file_of_model(dir / file, dir / "m")) << file;
  }
}

TEST(FileOfModel, ThoseOfAGgufFileAreItsParts) {
  const test::ScratchDir dir;
  for (const char* file : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf", "n.gguf"}) {
    test::write_file(dir / file, "x");
  }
  fs::create_symlink("m-00001-of-00002.gguf", dir / "link");
  fs::create_hard_link(dir / "n.gguf", dir / "hard");
  const fs::path second = dir / "m-00002-of-00002.gguf";
  EXPECT_TRUE(is_file_of_model(second, second));
  EXPECT_TRUE(is_file_of_model(dir / "m-00001-of-00002.gguf", second));
  EXPECT_TRUE(is_file_of_model(dir / "link", second));
  EXPECT_TRUE(is_file_of_model(dir / "hard", dir / "n.gguf"));
  EXPECT_FALSE(is_file_of_model(dir / "n.gguf", second));
  EXPECT_FALSE(is_file_of_model(dir / "m-00001-of-00003.gguf", second));
  EXPECT_FALSE(is_file_of_model(dir / "new.gguf", dir / "n.gguf"));
}

TEST(FileOfModel, AModelThatIsNotThereHasNone) {
  const test::ScratchDir dir;
  EXPECT_FALSE(is_file_of_model(dir / "new", dir / "absent"));
}

}  // namespace
}  // namespace pangu
