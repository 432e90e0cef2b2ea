// SPDX-License-Identifier: Apache-2.0
#include "io/gguf_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::GgufBytes;
using testing::ElementsAre;

struct Info {
  std::string name;
  std::vector<std::uint64_t> dims;
  std::uint32_t type;
  std::uint64_t offset;
};

/// A file of these tensors with `data` bytes, the i-th of which is i modulo 251.
GgufBytes file_of(const std::vector<Info>& infos, std::size_t data) {
  GgufBytes out;
  out.header(infos.size(), 1).key_string("general.architecture", "llama");
  for (const Info& i : infos) out.tensor(i.name, i.dims, i.type, i.offset);
  out.pad(32);
  std::string bytes(data, '\0');
  for (std::size_t i = 0; i < data; ++i) bytes[i] = static_cast<char>(i % 251);
  return out.raw(bytes);
}

GgufContent parse_file(const GgufBytes& file) {
  return parse_gguf(file.bytes(), "m.gguf");
}

TEST(GgufFile, FindsEveryTensorsBytes) {
  // A gap between b and c: the specification allows it.
  const GgufBytes file = file_of(
      {{"a", {4, 3}, 0, 0}, {"b", {64, 2}, 8, 64}, {"c", {3}, 1, 256}, {"d", {128}, 200, 288}},
      400);
  const GgufContent content = parse_file(file);
  ASSERT_EQ(content.tensors.size(), 4u);
  const auto& [a, b, c, d] =
      std::tie(content.tensors[0], content.tensors[1], content.tensors[2], content.tensors[3]);
  EXPECT_EQ(a.type->name, "f32");
  EXPECT_EQ(a.count(), 12);
  EXPECT_EQ(a.data.size(), 48u);
  EXPECT_EQ(b.type->name, "q8_0");
  EXPECT_THAT(b.dims, ElementsAre(64, 2));
  EXPECT_EQ(b.data.size(), 2u * 2 * 34);
  EXPECT_EQ(std::to_integer<int>(b.data[0]), 64);
  EXPECT_EQ(c.data.size(), 6u);
  EXPECT_EQ(std::to_integer<int>(c.data[1]), 257 % 251);
  EXPECT_EQ(d.data.size(), 2u * 34);
  EXPECT_EQ(content.find("c"), &content.tensors[2]);
  EXPECT_EQ(content.find("e"), nullptr);
}

TEST(GgufFile, RefusesTensorsThatDoNotFit) {
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, 0, 0}}, 31)), FileError, "'w'",
                     "takes 32 bytes", "ends 31 bytes");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, 0, 32}}, 40)), FileError, "'w'",
                     "ends 8 bytes");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {48, 2}, 8, 0}}, 400)), FileError, "'w'", "q8_0",
                     "[48, 2]", "blocks of 32");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, 0, 8}}, 400)), FileError, "alignment, 32");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, 0, 64}}, 40)), FileError, "'w'", "at byte 64");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, 0, UINT64_MAX - 31}}, 40)), FileError, "'w'");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {1ull << 61, 3}, 0, 0}}, 400)), FileError,
                     "64 bits");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {1, 1, 1, 1, 1}, 0, 0}}, 400)), FileError,
                     "5 dimensions");
}

TEST(GgufFile, RefusesOverlaps) {
  EXPECT_EQ(parse_file(file_of({{"a", {8}, 0, 32}, {"b", {8}, 0, 0}}, 64)).tensors.size(), 2u);
  PANGU_EXPECT_ERROR(parse_file(file_of({{"a", {9}, 0, 0}, {"b", {8}, 0, 32}}, 64)), FileError,
                     "'a'", "'b'", "lie on each other");
  PANGU_EXPECT_ERROR(parse_file(file_of({{"a", {1}, 0, 0}, {"b", {1}, 0, 0}}, 64)), FileError,
                     "lie on each other");
}

TEST(GgufFile, NamesUnknownTypes) {
  for (const std::uint32_t withdrawn : {4u, 31u, 43u, UINT32_MAX}) {
    PANGU_EXPECT_ERROR(parse_file(file_of({{"w", {8}, withdrawn, 0}}, 64)), Unsupported,
                       std::string("'w'"), std::to_string(withdrawn));
  }
}

TEST(GgufFile, EveryTruncationIsAnError) {
  const std::string whole = file_of({{"a", {8}, 0, 0}, {"b", {8}, 1, 32}}, 48).text();
  const auto parse_text = [](std::string_view text) {
    return parse_gguf(std::as_bytes(std::span(text)), "m.gguf");
  };
  EXPECT_EQ(parse_text(whole).tensors.size(), 2u);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    EXPECT_THROW(parse_text(part), Error) << size;
  }
}

TEST(GgufFile, OpensFiles) {
  const test::ScratchDir dir;
  test::write_file(dir / "m.gguf", file_of({{"a", {8}, 0, 0}}, 32).text());
  GgufFile file(dir / "m.gguf");
  const GgufFile moved = std::move(file);
  ASSERT_NE(moved.find("a"), nullptr);
  EXPECT_EQ(std::to_integer<int>(moved.find("a")->data[5]), 5);
  EXPECT_EQ(moved.tensor_bytes(), 32u);
  moved.drop(*moved.find("a"));
  EXPECT_EQ(std::to_integer<int>(moved.find("a")->data[5]), 5);
  PANGU_EXPECT_ERROR(GgufFile(dir / "none.gguf"), FileError, "none.gguf");
}

}  // namespace
}  // namespace pangu
