// SPDX-License-Identifier: Apache-2.0
// Split GGUF models: found from any part, whole or refused.
#include "io/gguf_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "io/gguf_file.h"
#include "pangu/error.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

/// Part `no` of `count`: one tensor of eight f32 that are all `no`, under the name given.
struct SplitPart {
  std::uint32_t no, count, tensors;
  std::string tensor;

  std::string bytes() const {
    test::GgufBytes out;
    out.header(1, no == 0 ? 4 : 3);
    if (no == 0) out.key_string("general.architecture", "llama");
    out.key_u32("split.no", no).key_u32("split.count", count);
    out.key_u32("split.tensors.count", tensors).tensor(tensor, {8}, 0, 0).pad(32);
    for (int i = 0; i < 8; ++i) out.number(static_cast<float>(no));
    return out.text();
  }
};

class GgufParts : public testing::Test {
 protected:
  fs::path part(std::int64_t no) const {
    return dir_ / GgufPartName{.model = "m", .no = 0, .count = 3}.file_name(no);
  }
  void write(std::uint32_t no, const SplitPart& content) {
    test::write_file(part(no), content.bytes());
  }
  void write_all() {
    for (std::uint32_t no = 0; no < 3; ++no) write(no, {no, 3, 3, "t" + std::to_string(no)});
  }
  test::ScratchDir dir_;
};

TEST(GgufPartNames, AreReadAndWritten) {
  const auto name = parse_gguf_part_name("qwen-q4_k_m-00002-of-00003.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->model, "qwen-q4_k_m");
  EXPECT_EQ(name->no, 1);
  EXPECT_EQ(name->count, 3);
  EXPECT_EQ(name->file_name(2), "qwen-q4_k_m-00003-of-00003.gguf");
  EXPECT_TRUE(parse_gguf_part_name("a-00001-of-00001.gguf"));
  for (const char* other :
       {"m.gguf", "-00001-of-00002.gguf", "m-00000-of-00002.gguf", "m-00003-of-00002.gguf",
        "m-0001-of-00002.gguf", "m-00001-of-00002", "m-00001-00002.gguf", "m00001-of-00002.gguf",
        "m-00001-of-0000x.gguf", "", ".gguf", "00001-of-00002.gguf"}) {
    EXPECT_FALSE(parse_gguf_part_name(other)) << other;
  }
}

TEST_F(GgufParts, AnyOfThemOpensTheWhole) {
  write_all();
  for (std::int64_t no = 0; no < 3; ++no) {
    GgufFile opened(part(no));
    const GgufFile file = std::move(opened);
    EXPECT_EQ(file.path(), part(0));
    EXPECT_EQ(file.files().size(), 3u);
    EXPECT_EQ(file.metadata().get_string("general.architecture"), "llama");
    EXPECT_EQ(file.tensor_bytes(), 3u * 32);
    for (int i = 0; i < 3; ++i) {
      const GgufTensor* t = file.find("t" + std::to_string(i));
      ASSERT_NE(t, nullptr);
      float value = -1;
      std::memcpy(&value, t->data.data() + 28, sizeof value);
      EXPECT_EQ(value, static_cast<float>(i));
      file.drop(*t);
    }
    EXPECT_EQ(first_gguf_part(part(no)), part(0));
  }
  std::size_t seen = 0;
  GgufFile(part(1), [&](const GgufMetadata& metadata, std::span<const GgufTensorInfo> tensors) {
    EXPECT_TRUE(metadata.contains("general.architecture"));
    seen = tensors.size();
  });
  EXPECT_EQ(seen, 3u);
}

TEST_F(GgufParts, MissingOnesAreNamedAllAtOnce) {
  write_all();
  fs::remove(part(0));
  fs::remove(part(2));
  PANGU_EXPECT_ERROR(GgufFile(part(1)), FileError, "2 of the 3 parts", "m-00001-of-00003.gguf",
                     "m-00003-of-00003.gguf", "Fetch");
  EXPECT_EQ(first_gguf_part(part(1)), part(1));
}

TEST_F(GgufParts, ThoseOfAnotherModelAreRefused) {
  const auto expect = [&](const SplitPart& second, const std::vector<std::string>& parts) {
    write_all();
    write(1, second);
    for (const fs::path& path : {part(0), part(2)}) {
      try {
        const GgufFile file(path);
        ADD_FAILURE() << "opened";
      } catch (const FileError& error) {
        for (const std::string& text : parts) {
          EXPECT_THAT(error.what(), testing::HasSubstr(text));
        }
      }
    }
  };
  expect({2, 3, 3, "t1"}, {"m-00002-of-00003.gguf", "split.no is 2; 1 was expected"});
  expect({1, 2, 3, "t1"}, {"split.count is 2; 3 was expected"});
  expect({1, 3, 4, "t1"}, {"split.tensors.count is 4; 3 was expected"});
  expect({1, 3, 3, "t0"}, {"m-00002-of-00003.gguf", "'t0' is in another part"});
}

TEST_F(GgufParts, MustHaveAllTensorsThatTheySay) {
  for (std::uint32_t no = 0; no < 3; ++no) write(no, {no, 3, 4, "t" + std::to_string(no)});
  PANGU_EXPECT_ERROR(GgufFile(part(2)), FileError, "3 tensors together", "split.tensors.count",
                     "says 4");
}

TEST_F(GgufParts, NamesMustSayWhichPartItIs) {
  write_all();
  fs::copy_file(part(1), dir_ / "renamed.gguf");
  PANGU_EXPECT_ERROR(GgufFile(dir_ / "renamed.gguf"), FileError, "renamed.gguf", "part 2 of 3",
                     "does not say so", "-of-00003.gguf");
  fs::copy_file(part(1), dir_ / "x-00001-of-00003.gguf");
  PANGU_EXPECT_ERROR(GgufFile(dir_ / "x-00001-of-00003.gguf"), FileError, "part 2 of 3",
                     "says part 1 of 3");
}

TEST_F(GgufParts, AWholeModelIsNotTakenForAFirstPart) {
  write_all();
  test::GgufBytes whole;
  whole.header(0, 1).key_string("general.architecture", "llama");
  test::write_file(part(0), whole.text());
  PANGU_EXPECT_ERROR(GgufFile(first_gguf_part(part(1))), FileError, "m-00001-of-00003.gguf",
                     "part 1 of 3, like m-00002-of-00003.gguf", "split.count is missing");
  PANGU_EXPECT_ERROR(GgufFile(part(1)), FileError, "m-00001-of-00003.gguf",
                     "split.count is missing");
  fs::rename(part(0), dir_ / "one-00001-of-00001.gguf");
  EXPECT_EQ(GgufFile(dir_ / "one-00001-of-00001.gguf").files().size(), 1u);
}

TEST_F(GgufParts, AFolderListsModelsAndNotTheirParts) {
  EXPECT_TRUE(gguf_models_in(dir_.path()).empty());
  EXPECT_TRUE(gguf_models_in(dir_ / "absent").empty());
  write_all();
  EXPECT_THAT(gguf_models_in(dir_.path()), ElementsAre(part(0)));
  test::write_file(dir_ / "a.gguf", "x");
  test::write_file(dir_ / "a.safetensors", "x");
  fs::remove(part(0));
  EXPECT_THAT(gguf_models_in(dir_.path()), ElementsAre(dir_ / "a.gguf", part(1)));
}

}  // namespace
}  // namespace pangu
