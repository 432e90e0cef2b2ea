// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/gguf_file.h"
#include "pangu/error.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

GgufKeys some_keys() {
  GgufKeys keys;
  keys.put_string("general.architecture", "llama");
  keys.put_bool("yes", true);
  keys.put_u32("count", 7);
  keys.put_f32("eps", 1e-5f);
  keys.put_strings("names", std::vector<std::string>{"a", "", "\u4e2d"});
  keys.put_u32s("widths", std::vector<std::uint32_t>{8, 9});
  keys.put_i32s("types", std::vector<std::int32_t>{1, -1});
  keys.put_f32s("scores", std::vector<float>{0.5f});
  keys.put_bytes("map", std::string_view("\0\x80", 2));
  return keys;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// Rows that make 34-byte blocks and a vector that needs padding.
std::vector<GgufEntry> some_entries() {
  static const std::string a(2 * 34, 'a'), b = "0123456789ab";
  std::vector<GgufEntry> entries;
  entries.push_back(
      {.name = "blk.0.ffn_up.weight", .dims = {32, 2}, .type = 8, .data = bytes_of(a)});
  entries.push_back({.name = "norm", .dims = {3}, .type = 0, .produce = [](const ByteSink& sink) {
                       sink(bytes_of(b).first(5));
                       sink(bytes_of(b).subspan(5));
                     }});
  return entries;
}

TEST(GgufWrite, IsReadBack) {
  const test::ScratchDir dir;
  write_gguf(dir / "m.gguf", some_keys(), some_entries());
  const GgufFile file(dir / "m.gguf");
  const GgufMetadata& m = file.metadata();
  EXPECT_EQ(m.version(), 3u);
  EXPECT_EQ(m.get_string("general.architecture"), "llama");
  EXPECT_EQ(m.find_bool("yes"), true);
  EXPECT_EQ(m.get_int("count", 0, 9), 7);
  EXPECT_FLOAT_EQ(static_cast<float>(m.get_number("eps")), 1e-5f);
  EXPECT_THAT(m.get_strings("names"), ElementsAre("a", "", "\u4e2d"));
  EXPECT_THAT(m.get_ints("widths", 0, 9), ElementsAre(8, 9));
  EXPECT_THAT(m.get_ints("count", 0, 9), ElementsAre(7));
  EXPECT_THAT(m.get_ints("types", -1, 9), ElementsAre(1, -1));
  EXPECT_THAT(m.get_floats("scores"), ElementsAre(0.5f));
  EXPECT_EQ(m.get_bytes("map"), std::string_view("\0\x80", 2));
  PANGU_EXPECT_ERROR(m.get_bytes("types"), ConfigError, "array of bytes");
  const GgufTensor* norm = file.find("norm");
  ASSERT_NE(norm, nullptr);
  EXPECT_EQ(std::memcmp(norm->data.data(), "0123456789ab", 12), 0);
  EXPECT_EQ(file.find("blk.0.ffn_up.weight")->data.size(), 68u);
  // Readers may map whole aligned blocks.
  EXPECT_EQ(test::read_file(dir / "m.gguf").size() % 32, 0u);
}

void expect_same_when_written_again(const std::filesystem::path& path,
                                    const std::filesystem::path& again) {
  const GgufFile file(path);
  GgufKeys keys;
  for (const auto key : file.metadata().keys()) keys.copy(file.metadata(), key);
  std::vector<GgufEntry> entries;
  for (const GgufTensor& t : file.tensors()) {
    entries.push_back(
        {.name = std::string(t.name), .dims = t.dims, .type = t.type->id, .data = t.data});
  }
  write_gguf(again, keys, entries);
  EXPECT_EQ(test::read_file(path), test::read_file(again));
}

TEST(GgufWrite, AFileReadAndWrittenAgainIsTheSame) {
  const test::ScratchDir dir;
  write_gguf(dir / "m.gguf", some_keys(), some_entries());
  expect_same_when_written_again(dir / "m.gguf", dir / "again.gguf");

  test::GgufBytes wide;
  wide.header(2, 1).key_u32("general.alignment", 128).tensor("a", {2}, 0, 0);
  wide.tensor("b", {2}, 0, 128).pad(128).raw("12345678").pad(128).raw("abcdefgh").pad(128);
  test::write_file(dir / "wide.gguf", wide.text());
  expect_same_when_written_again(dir / "wide.gguf", dir / "again.gguf");
}

TEST(GgufWrite, AVocabularyReadAndWrittenAgainIsTheSame) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir dir;
  expect_same_when_written_again(test::shared_dir() / "models" / "gpt2-bpe" / "vocab.gguf",
                                 dir / "again.gguf");
}

TEST(GgufWrite, RefusesKeysThatReadersRefuse) {
  GgufKeys keys = some_keys();
  PANGU_EXPECT_ERROR(keys.put_u32("count", 8), ConfigError, "'count'", "once");
  PANGU_EXPECT_ERROR(keys.put_u32("", 8), ConfigError, "''");
  PANGU_EXPECT_ERROR(keys.put_string("text", "\xff"), ConfigError, "UTF-8");
}

TEST(GgufWrite, RefusesEntriesThatReadersRefuse) {
  const test::ScratchDir dir;
  const auto write = [&](std::vector<GgufEntry> entries) {
    write_gguf(dir / "m.gguf", {}, entries);
  };
  const auto entry = [](std::string name, std::vector<std::uint64_t> dims, std::uint32_t type) {
    return GgufEntry{.name = std::move(name), .dims = std::move(dims), .type = type};
  };
  PANGU_EXPECT_ERROR(write({entry(std::string(64, 'n'), {1}, 0)}), FileError, "nnn", "63 bytes");
  PANGU_EXPECT_ERROR(write({entry("\xff", {1}, 0)}), FileError, "UTF-8");
  PANGU_EXPECT_ERROR(write({entry("w", {1}, 0), entry("w", {1}, 0)}), FileError, "'w'", "differ");
  PANGU_EXPECT_ERROR(write({entry("w", {33}, 8)}), FileError, "'w'", "[33]", "multiple of 32");
  PANGU_EXPECT_ERROR(write({entry("w", {}, 0)}), FileError, "1 to 4 sizes");
  PANGU_EXPECT_ERROR(write({entry("w", {1, 0}, 0)}), FileError, "[1, 0]");
  PANGU_EXPECT_ERROR(write({entry("w", {1ull << 40, 1ull << 40}, 0)}), FileError, "'w'");
  PANGU_EXPECT_ERROR(write({entry("w", {1}, 5)}), Unsupported, "5");
  PANGU_EXPECT_ERROR(write({entry("w", {4}, 0)}), FileError, "16 bytes", "0 were given");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace pangu
