// SPDX-License-Identifier: Apache-2.0
#include "adaptive/bundle/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "io/bundle_default.h"
#include "io/locate_model.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// A bundle of two weights for two kinds.
Bundle small_bundle(const std::filesystem::path& folder) {
  for (const char* name : {"w8a8", "w4a8-g64"}) {
    std::filesystem::create_directories(folder / "weights" / name);
    test::write_file(folder / "weights" / name / "model.safetensors", name);
    test::write_file(folder / "weights" / name / "tokenizer.model", std::string(5000, 't'));
  }
  Bundle b{.folder = folder,
           .model_name = "m",
           .model_digest = "d",
           .machine = "x",
           .engine = "e",
           .created = "now",
           .default_weights = "w8a8"};
  b.weights["w8a8"] = {"weights/w8a8", 1000, 0.5, 2000};
  b.weights["w4a8-g64"] = {"weights/w4a8-g64", 600, 0.25, 1500};
  const BundleWay small{"w4a8-g64", "int8", Thinking::kFast, SpeculationMode::kAuto, 1.5};
  const BundleWay large{"w8a8", "", Thinking::kDefault, SpeculationMode::kOff, 2};
  b.kinds.push_back({"math", {small, large}});
  b.kinds.push_back({"my-kind", {large}});
  return b;
}

std::string message_of(const std::filesystem::path& folder) {
  try {
    read_bundle(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The bundle with a piece of its manifest replaced.
std::string message_with(const std::filesystem::path& folder, const std::string& from,
                         const std::string& to) {
  const std::filesystem::path file = folder / "bundle.json";
  const std::string whole = test::read_file(file);
  std::string changed = whole;
  const std::size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  changed.replace(at, from.size(), to);
  test::write_file(file, changed);
  const std::string message = message_of(folder);
  test::write_file(file, whole);
  return message;
}

TEST(Bundle, ReadsBackWhatWasWritten) {
  const test::ScratchDir dir;
  Bundle b = small_bundle(dir.path());
  write_bundle(b);
  const Bundle read = read_bundle(dir.path());
  EXPECT_EQ(read.default_weights, "w8a8");
  EXPECT_EQ(read.weights.at("w4a8-g64").resident_bytes, 600);
  ASSERT_EQ(read.kinds.size(), 2u);
  const BundleKind* math = read.kind("math");
  ASSERT_TRUE(math);
  EXPECT_EQ(math->ways, b.kinds[0].ways);
  EXPECT_EQ(math->choice().kv, "int8");
  EXPECT_EQ(math->way("w8a8", ""), &math->ways[1]);
  EXPECT_EQ(math->way("w8a8", "int8"), nullptr);
  EXPECT_EQ(read.weights.at("w8a8").prefill, 2000);
  EXPECT_EQ(read.kind("chat"), nullptr);
  EXPECT_EQ(read.files.size(), 4u);
  EXPECT_NO_THROW(verify_bundle(read));
}

TEST(Bundle, IsTheNameOfItsDefaultWeights) {
  const test::ScratchDir dir;
  Bundle b = small_bundle(dir.path());
  EXPECT_EQ(locate_model(dir.path()), dir.path());  // not finished
  write_bundle(b);
  EXPECT_EQ(locate_model(dir.path()), dir.path() / "weights/w8a8");
}

TEST(Bundle, NoticesChangedFiles) {
  const test::ScratchDir dir;
  Bundle b = small_bundle(dir.path());
  write_bundle(b);
  test::write_file(dir.path() / "weights/w8a8/model.safetensors", "w8a9");
  EXPECT_THROW(verify_bundle(read_bundle(dir.path())), FileError);
  std::filesystem::remove(dir.path() / "weights/w8a8/model.safetensors");
  EXPECT_THROW(verify_bundle(read_bundle(dir.path())), FileError);
}

TEST(Bundle, RefusesDamagedManifests) {
  const test::ScratchDir dir;
  EXPECT_THAT(message_of(dir.path()), HasSubstr("has no bundle.json"));
  Bundle b = small_bundle(dir.path());
  write_bundle(b);
  const auto& f = dir.path();
  EXPECT_THAT(message_with(f, "\"pangu_bundle\": 1", "\"pangu_bundle\": 9"),
              AllOf(HasSubstr("version 9"), HasSubstr("Update pangu")));
  EXPECT_THAT(message_with(f, "\"folder\": \"weights/w8a8\"", "\"folder\": \"../w8a8\""),
              HasSubstr("within the bundle"));
  EXPECT_THAT(message_with(f, "\"folder\": \"weights/w8a8\"", "\"folder\": \"/etc\""),
              HasSubstr("within the bundle"));
  EXPECT_THAT(
      message_with(f, "\"folder\": \"weights/w8a8\"", "\"folder\": \"weights/w8a8\\u0000x\""),
      HasSubstr("within the bundle"));
  EXPECT_THAT(message_with(f, "\"default\": \"w8a8\"", "\"default\": \"w2\""),
              AllOf(HasSubstr("default"), HasSubstr("w2")));
  EXPECT_THAT(message_with(f, "\"thinking\": \"fast\"", "\"thinking\": \"deep\""),
              HasSubstr("deep"));
  EXPECT_THAT(message_with(f, "\"intent\": null", "\"intent\": \"/etc\""),
              HasSubstr("within the bundle"));
  EXPECT_THAT(message_with(f, "\"weights\": \"w8a8\"", "\"weights\": \"w9\""),
              AllOf(HasSubstr("for math"), HasSubstr("w9")));
  EXPECT_THAT(message_with(f, "\"ways\": [", "\"ways\": [], \"was\": ["), HasSubstr("one or more"));
  EXPECT_THAT(message_with(f, "\"kind\": \"math\"", "\"kind\": \"Math!\""), HasSubstr("Math!"));
  EXPECT_THAT(message_with(f, "\"kind\": \"math\"", "\"kind\": \"my-kind\""),
              HasSubstr("my-kind comes twice"));
  EXPECT_THAT(message_with(f, "\"kv\": \"int8\"", "\"kv\": \"int9\""), HasSubstr("int9"));
  EXPECT_THAT(message_with(f, "\"answer_s\": 1.5", "\"answer_s\": -1"), HasSubstr("answer_s"));
  test::write_file(f / "bundle.json", "{");
  EXPECT_THROW(read_bundle(f), FileError);
  EXPECT_THROW(locate_model(f), FileError);
}

TEST(Bundle, NoticesFoldersThatAreGone) {
  const test::ScratchDir dir;
  Bundle b = small_bundle(dir.path());
  b.intent = "intent";
  write_bundle(b);
  EXPECT_THROW(verify_bundle(read_bundle(dir.path())), FileError);
  std::filesystem::create_directory(dir / "intent");
  EXPECT_NO_THROW(verify_bundle(read_bundle(dir.path())));
}

TEST(Bundle, EqualFilesBecomeOne) {
  const test::ScratchDir dir;
  small_bundle(dir.path());
  const auto first = dir.path() / "weights/w8a8/tokenizer.model",
             second = dir.path() / "weights/w4a8-g64/tokenizer.model";
  EXPECT_FALSE(std::filesystem::equivalent(first, second));
  EXPECT_EQ(link_equal_files(dir.path()), 5000);
  EXPECT_TRUE(std::filesystem::equivalent(first, second));
  EXPECT_EQ(test::read_file(second), std::string(5000, 't'));
  EXPECT_EQ(test::read_file(dir.path() / "weights/w8a8/model.safetensors"), "w8a8");
  EXPECT_EQ(link_equal_files(dir.path()), 0);
}

}  // namespace
}  // namespace pangu::adaptive
