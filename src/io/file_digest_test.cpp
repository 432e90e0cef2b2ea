// SPDX-License-Identifier: Apache-2.0
#include "io/file_digest.h"

#include <fstream>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(FileDigest, EveryBitAndEveryNameCounts) {
  const test::ScratchDir scratch;
  const auto write = [&](const char* name, const std::string& content) {
    std::ofstream(scratch / name, std::ios::binary) << content;
  };
  std::string content(40'000'001, 'x');  // several pieces
  write("a.safetensors", content);
  const std::string file = file_digest(scratch / "a.safetensors");
  const std::string folder = weights_digest(scratch.path());
  EXPECT_EQ(file.size(), 16u);
  EXPECT_EQ(file_digest(scratch / "a.safetensors"), file);
  write("notes.txt", "not weights");
  EXPECT_EQ(weights_digest(scratch.path()), folder);
  for (const std::size_t at : {std::size_t{0}, content.size() / 2, content.size() - 1}) {
    content[at] ^= 1;
    write("a.safetensors", content);
    EXPECT_NE(file_digest(scratch / "a.safetensors"), file) << at;
    EXPECT_NE(weights_digest(scratch.path()), folder) << at;
    content[at] ^= 1;
  }
  write("a.safetensors", content);
  EXPECT_EQ(weights_digest(scratch.path()), folder);
  std::filesystem::rename(scratch / "a.safetensors", scratch / "b.safetensors");
  EXPECT_NE(weights_digest(scratch.path()), folder);
  write("empty", "");
  EXPECT_NE(file_digest(scratch / "empty"), file);
  PANGU_EXPECT_ERROR(file_digest(scratch / "none"), FileError, "none");
}

}  // namespace
}  // namespace pangu
