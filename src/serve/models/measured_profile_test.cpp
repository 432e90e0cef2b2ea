// SPDX-License-Identifier: Apache-2.0
#include "serve/models/measured_profile.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adaptive/profile/model_digest.h"
#include "adaptive/profile/profile_store.h"
#include "adaptive/testing/whole_profile.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using adaptive::Access;

class MeasuredProfile : public testing::Test {
 protected:
  void SetUp() override {
    test::write_file(dir_ / "m/config.json", "{}");
    test::write_file(dir_ / "m/model.safetensors", std::string(2 << 20, 'w'));
  }

  Json found(const std::vector<ModelSource>& models) {
    return measured_profile(models, place_,
                            [this](const std::string& text) { remarks_.push_back(text); });
  }

  test::ScratchDir dir_;
  ProfilePlace place_{.database = dir_ / "profile.db", .machine = {}, .engine = "0.1-x"};
  std::vector<std::string> remarks_;
};

TEST_F(MeasuredProfile, IsThatOfTheFirstModelThatHasOne) {
  const std::vector<ModelSource> models = {{"none", dir_ / "none"}, {"m", dir_ / "m"}};
  EXPECT_TRUE(found({models[1]}).is_null());  // no database
  adaptive::ProfileData data = adaptive::test_data::whole_profile();
  place_.machine = data.entry.identity.machine;
  data.entry.identity.engine = place_.engine;
  {
    adaptive::ProfileStore store(place_.database, Access::kWrite);
    EXPECT_TRUE(found({models[1]}).is_null());  // nobody knows its weights
    data.entry.identity.model = adaptive::model_digest(dir_ / "m", &store);
    adaptive::test_data::put_all(store, data);
  }
  EXPECT_TRUE(remarks_.empty());
  const Json profile = found({models[1]});
  ASSERT_TRUE(profile.contains("kinds")) << profile;
  EXPECT_EQ(profile["kinds"].size(), 2u);
  EXPECT_EQ(found(models), profile);
  EXPECT_TRUE(remarks_.empty());
  // Figures of another program or machine are not these.
  place_.engine = "0.2-y";
  EXPECT_TRUE(found({models[1]}).is_null());
  place_.engine = "0.1-x";
  place_.machine.threads += 1;
  EXPECT_TRUE(found({models[1]}).is_null());
}

TEST_F(MeasuredProfile, OfABundleIsWhatItWasChosenBy) {
  test::write_file(dir_ / "b/bundle.json",
                   R"({"default": "w", "weights": {"w": {"folder": "weights/w"}}})");
  test::write_file(dir_ / "b/profile.json", R"({"kinds": {}, "model": "x"})");
  EXPECT_EQ(found({{"b", dir_ / "b"}})["model"], "x");
  test::write_file(dir_ / "b/profile.json", "{");
  EXPECT_TRUE(found({{"b", dir_ / "b"}}).is_null());
  ASSERT_EQ(remarks_.size(), 1u);
  EXPECT_NE(remarks_[0].find("profile.json"), std::string::npos) << remarks_[0];
}

}  // namespace
}  // namespace pangu::serve
