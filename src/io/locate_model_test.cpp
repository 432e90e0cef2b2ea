// SPDX-License-Identifier: Apache-2.0
// A path is what it is; a name is looked up, and leads nowhere but into the folders of models.
#include "io/locate_model.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

class LocateModel : public testing::Test {
 protected:
  void SetUp() override { ::setenv("PANGU_MODELS", scratch_.path().c_str(), 1); }
  void TearDown() override { ::unsetenv("PANGU_MODELS"); }
  test::ScratchDir scratch_;
};

TEST_F(LocateModel, FindsFoldersAndFilesByName) {
  test::write_file(scratch_ / "folder/config.json", "{}");
  test::write_file(scratch_ / "quantized/m-q4_0.gguf", "x");
  test::write_file(scratch_ / "single.gguf", "x");
  test::write_file(scratch_ / "notes/readme.txt", "x");
  EXPECT_EQ(locate_model("folder"), scratch_ / "folder");
  EXPECT_EQ(locate_model("quantized"), scratch_ / "quantized");
  EXPECT_EQ(locate_model("single"), scratch_ / "single.gguf");
  EXPECT_EQ(locate_model("notes"), "notes");
  EXPECT_EQ(locate_model("absent"), "absent");
}

TEST_F(LocateModel, AMistypedNameIsAnsweredWithThoseThereAre) {
  test::write_file(scratch_ / "pangu-nano/config.json", "{}");
  test::write_file(scratch_ / "single.gguf", "x");
  test::write_file(scratch_ / "notes/readme.txt", "x");
  const std::string hint = bundled_models_hint("pangu-nana");
  EXPECT_TRUE(hint.starts_with(" Did you mean pangu-nano? Bundled models: ")) << hint;
  EXPECT_NE(hint.find("single"), hint.npos);
  EXPECT_EQ(hint.find("notes"), hint.npos);
  EXPECT_EQ(bundled_models_hint("x/pangu-nana"), "") << "a path is no name";
}

TEST_F(LocateModel, PathsAreNoNames) {
  test::write_file(scratch_ / "inner/config.json", "{}");
  test::write_file(scratch_ / "inner/deeper/config.json", "{}");
  EXPECT_EQ(locate_model(scratch_ / "inner"), scratch_ / "inner") << "what exists is meant";
  for (const std::string name : {"inner/deeper", "../inner", "", ".", "..", ".inner"}) {
    EXPECT_EQ(find_bundled_model(name), "") << name;
  }
}

}  // namespace
}  // namespace pangu
