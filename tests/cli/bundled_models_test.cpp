// SPDX-License-Identifier: Apache-2.0
// Models that are known by name.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

class CliBundledModels : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }
  ScratchDir scratch_;
};

TEST_F(CliBundledModels, AreFoundByName) {
  const auto model = copy_model("stories260K", scratch_);
  const ProgramOptions options{.env = {{"PANGU_MODELS", model.parent_path().string()}}};
  const auto r = run_program({"info", model.filename().string(), "--json"}, options);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.json()["config"]["layers"], 5);
}

TEST_F(CliBundledModels, NamesThatAreNoneAreTakenAsPaths) {
  for (const std::string name : {"no-such-model", "../stories260K", "."}) {
    const auto r = run_program({"info", name}, {.env = {{"PANGU_MODELS", "/nowhere"}}});
    EXPECT_EQ(r.status, 1);
    EXPECT_THAT(r.err, HasSubstr(name));
  }
}

}  // namespace
}  // namespace pangu::test
