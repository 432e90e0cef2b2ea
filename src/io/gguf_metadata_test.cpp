// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "io/mapped_file.h"
#include "pangu/error.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::GgufBytes;
using testing::ElementsAre;

GgufMetadata parse_metadata(const GgufBytes& file) {
  return GgufMetadata::parse(file.bytes(), "m.gguf");
}

GgufBytes one_of_each() {
  GgufBytes file;
  file.header(2, 8)
      .key_string("general.architecture", "llama")
      .key_bool("flag", true)
      .key_u32("count", 7)
      .key_strings("names", {"a", "", "\u00e4"})
      .key_i32s("ids", {1, -2, 3})
      .key_floats("scores", {0.5f, -1.0f});
  file.string("big").number<std::uint32_t>(10).number<std::uint64_t>(UINT64_MAX);
  file.string("ratio").number<std::uint32_t>(12).number(0.25);
  file.tensor("w", {4, 3}, 0, 0).tensor("b", {3}, 1, 64);
  return file.pad(32).raw(std::string(96, 'x'));
}

TEST(GgufMetadata, ReadsEveryKindOfValue) {
  const GgufBytes file = one_of_each();
  const auto gguf = parse_metadata(file);
  EXPECT_EQ(gguf.version(), 3u);
  EXPECT_THAT(gguf.keys(), ElementsAre("general.architecture", "flag", "count", "names", "ids",
                                       "scores", "big", "ratio"));
  EXPECT_EQ(gguf.get_string("general.architecture"), "llama");
  EXPECT_EQ(gguf.find_bool("flag"), true);
  EXPECT_EQ(gguf.get_int("count", 0, 10), 7);
  EXPECT_EQ(gguf.get_number("count"), 7.0);
  EXPECT_EQ(gguf.get_number("ratio"), 0.25);
  EXPECT_THAT(gguf.get_strings("names"), ElementsAre("a", "", "\u00e4"));
  EXPECT_THAT(gguf.get_ints("ids", -2, 3), ElementsAre(1, -2, 3));
  EXPECT_THAT(gguf.get_floats("scores"), ElementsAre(0.5f, -1.0f));
  EXPECT_EQ(gguf.find_string("absent"), std::nullopt);
  EXPECT_EQ(gguf.find_int("absent", 0, 1), std::nullopt);
  EXPECT_EQ(gguf.find_number("absent"), std::nullopt);
  EXPECT_EQ(gguf.describe("names"), "an array of 3 string");
  EXPECT_EQ(gguf.describe("big"), "18446744073709551615");
}

TEST(GgufMetadata, ReadsTensorInfos) {
  const GgufBytes file = one_of_each();
  const auto gguf = parse_metadata(file);
  ASSERT_EQ(gguf.tensors().size(), 2u);
  EXPECT_EQ(gguf.tensors()[0].name, "w");
  EXPECT_THAT(gguf.tensors()[0].dims, ElementsAre(4, 3));
  EXPECT_EQ(gguf.tensors()[1].type, 1u);
  EXPECT_EQ(gguf.tensors()[1].offset, 64u);
  EXPECT_EQ(gguf.alignment(), 32u);
  EXPECT_EQ(gguf.data_offset() % 32, 0u);
  EXPECT_EQ(gguf.data_offset() + 96, file.text().size());
}

TEST(GgufMetadata, GettersRefuseOtherTypesAndRanges) {
  const GgufBytes file = one_of_each();
  const auto gguf = parse_metadata(file);
  PANGU_EXPECT_ERROR(gguf.get_string("count"), ConfigError, "m.gguf", "count", "7", "a string");
  PANGU_EXPECT_ERROR(gguf.get_string("absent"), ConfigError, "absent", "missing");
  PANGU_EXPECT_ERROR(gguf.get_int("count", 0, 6), ConfigError, "from 0 to 6");
  PANGU_EXPECT_ERROR(gguf.get_int("big", 0, INT64_MAX), ConfigError, "big");
  PANGU_EXPECT_ERROR(gguf.get_int("flag", 0, 1), ConfigError, "whole number");
  PANGU_EXPECT_ERROR(gguf.find_bool("count"), ConfigError, "true or false");
  PANGU_EXPECT_ERROR(gguf.get_number("names"), ConfigError, "a number");
  PANGU_EXPECT_ERROR(gguf.get_strings("ids"), ConfigError, "array of strings");
  PANGU_EXPECT_ERROR(gguf.get_strings("flag"), ConfigError, "array of strings");
  PANGU_EXPECT_ERROR(gguf.get_ints("ids", 0, 3), ConfigError, "from 0 to 3");
  PANGU_EXPECT_ERROR(gguf.get_ints("scores", 0, 3), ConfigError, "whole numbers");
  PANGU_EXPECT_ERROR(gguf.get_floats("ids"), ConfigError, "f32");
}

TEST(GgufMetadata, RefusesWhatIsNoGguf) {
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().raw("PK\x03\x04 zip")), FileError, "m.gguf",
                     "GGUF");
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(0, 0, 1)), Unsupported, "version 1");
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(0, 0, 0x03000000)), Unsupported,
                     "big-endian");
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().raw("version https://git-lfs.github.com/spec/v1")),
                     FileError, "git-LFS");
}

TEST(GgufMetadata, RefusesCountsThatDoNotFit) {
  for (const std::uint64_t huge : {std::uint64_t{5}, std::uint64_t{1} << 40, UINT64_MAX}) {
    PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(0, huge)), FileError,
                       "keys are announced");
    PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(huge, 0)), FileError,
                       "tensors are announced");
    GgufBytes array;
    array.header(0, 1).string("k").number<std::uint32_t>(9).number<std::uint32_t>(8).number(huge);
    PANGU_EXPECT_ERROR(parse_metadata(array), FileError, "array elements");
    GgufBytes text;
    text.header(0, 1).string("k").number<std::uint32_t>(8).number(huge);
    PANGU_EXPECT_ERROR(parse_metadata(text), FileError, "the file ends");
  }
}

TEST(GgufMetadata, RefusesDamagedEntries) {
  PANGU_EXPECT_ERROR(
      parse_metadata(
          GgufBytes().header(0, 1).string("k").number<std::uint32_t>(13).raw(std::string(8, 0))),
      FileError, "'k'", "13");
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(0, 2).key_u32("k", 1).key_u32("k", 2)),
                     FileError, "twice");
  PANGU_EXPECT_ERROR(parse_metadata(GgufBytes().header(0, 1).key_u32("\xFF", 1)), FileError,
                     "UTF-8");
  // A terminal would act on what a name holds.
  PANGU_EXPECT_ERROR(
      parse_metadata(GgufBytes().header(0, 2).key_u32("k\x1B[2J", 1).key_u32("k\x1B[2J", 2)),
      FileError, "k?[2J", "twice");
  GgufBytes nested;
  nested.header(0, 1).string("k").number<std::uint32_t>(9).number<std::uint32_t>(9);
  PANGU_EXPECT_ERROR(parse_metadata(nested.number<std::uint64_t>(1)), Unsupported, "arrays");
  for (const std::uint32_t alignment : {0u, 3u, 48u}) {
    PANGU_EXPECT_ERROR(
        parse_metadata(GgufBytes().header(0, 1).key_u32("general.alignment", alignment)),
        ConfigError, "general.alignment");
  }
}

TEST(GgufMetadata, RefusesDamagedTensorInfos) {
  const auto with = [](const std::vector<std::uint64_t>& dims) {
    GgufBytes file;
    return file.header(1, 0).tensor("w", dims, 0, 32);
  };
  EXPECT_EQ(parse_metadata(with({4})).tensors().size(), 1u);
  PANGU_EXPECT_ERROR(parse_metadata(with({0})), FileError, "dimension 0");
  PANGU_EXPECT_ERROR(parse_metadata(with({1ull << 32, 1ull << 32})), FileError, "dimension 1");
  PANGU_EXPECT_ERROR(parse_metadata(with(std::vector<std::uint64_t>(5, 1))), FileError,
                     "5 dimensions");
  GgufBytes twice;
  twice.header(2, 0).tensor("w", {1}, 0, 0).tensor("w", {1}, 0, 0);
  PANGU_EXPECT_ERROR(parse_metadata(twice), FileError, "repetition");
}

TEST(GgufMetadata, EveryTruncationIsAnError) {
  const std::string whole = one_of_each().text();
  const std::string last_offset("\x40\0\0\0\0\0\0\0", 8);
  const std::size_t end = whole.rfind(last_offset) + last_offset.size();
  for (std::size_t size = 0; size < end; ++size) {
    const std::string part = whole.substr(0, size);
    EXPECT_THROW(GgufMetadata::parse(std::as_bytes(std::span(part)), "m.gguf"), Error) << size;
  }
}

TEST(GgufMetadata, LoadsRealVocabulariesFast) {
  PANGU_NEEDS_SHARED_DATA();
  const MappedFile file(test::shared_dir() / "models" / "qwen2-bpe" / "vocab.gguf");
  const auto gguf = GgufMetadata::parse(file.bytes(), file.path().string());
  EXPECT_EQ(gguf.get_string("tokenizer.ggml.pre"), "qwen2");
  EXPECT_GT(gguf.get_strings("tokenizer.ggml.tokens").size(), 151000u);
  EXPECT_TRUE(gguf.tensors().empty());
}

}  // namespace
}  // namespace pangu
