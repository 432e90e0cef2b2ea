// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors.h"

#include <fmt/format.h>

#include <cstring>
#include <numeric>
#include <string>

#include "io/safetensors_header.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

std::string with_length(std::string_view header, std::string_view data) {
  std::string file(8, '\0');
  for (int i = 0; i < 8; ++i) file[i] = static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return file.append(header).append(data);
}

SafetensorsContent parse(std::string_view file) {
  return parse_safetensors(std::as_bytes(std::span(file)), "m.safetensors");
}

SafetensorsContent parse(std::string_view header, std::size_t data_bytes) {
  return parse(with_length(header, std::string(data_bytes, 'd')));
}

std::string_view text_of(const TensorView& tensor) {
  return {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()};
}

TEST(Safetensors, ReadsNamesShapesDataAndMetadata) {
  const std::string file = with_length(
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[3,11]},)"
      R"("a":{"shape":[3],"data_offsets":[0,3],"dtype":"U8"},)"
      R"("none":{"dtype":"BF16","shape":[0,7],"data_offsets":[3,3]},)"
      R"("one":{"dtype":"I16","shape":[],"data_offsets":[11,13]}}   )",
      "abcdefghijklm");
  const SafetensorsContent content = parse(file);
  ASSERT_EQ(content.tensors.size(), 4u);
  EXPECT_EQ(content.metadata, (SafetensorsMetadata{{"format", "pt"}}));
  const auto& [a, none, b, one] =
      std::tie(content.tensors[0], content.tensors[1], content.tensors[2], content.tensors[3]);
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(text_of(a), "abc");
  EXPECT_EQ(none.name, "none");
  EXPECT_TRUE(none.data.empty());
  EXPECT_EQ(element_count(none), 0);
  EXPECT_EQ(b.dtype, DType::kF32);
  EXPECT_EQ(shape_text(b.shape), "[2, 1]");
  EXPECT_EQ(text_of(b), "defghijk");
  EXPECT_EQ(one.shape.size(), 0u);
  EXPECT_EQ(element_count(one), 1);
}

TEST(Safetensors, MetadataMayBeNull) {
  const SafetensorsContent content =
      parse(R"({"__metadata__":null,"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1);
  EXPECT_TRUE(content.metadata.empty());
  EXPECT_EQ(content.tensors.at(0).name, "t");
  EXPECT_TRUE(parse(R"({"__metadata__":null})", 0).tensors.empty());
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":null,"__metadata__":null})", 0), FileError,
                     "'__metadata__' appears twice");
}

TEST(Safetensors, ReadsEveryDtypeAndAnEmptyFile) {
  for (const auto& [name, dtype, bytes] : {std::tuple{"F64", DType::kF64, 8},
                                           {"F32", DType::kF32, 4},
                                           {"F16", DType::kF16, 2},
                                           {"BF16", DType::kBF16, 2},
                                           {"I64", DType::kI64, 8},
                                           {"I32", DType::kI32, 4},
                                           {"I16", DType::kI16, 2},
                                           {"I8", DType::kI8, 1},
                                           {"U8", DType::kU8, 1},
                                           {"BOOL", DType::kBool, 1}}) {
    const auto header = fmt::format(R"({{"t":{{"dtype":"{}","shape":[3],"data_offsets":[0,{}]}}}})",
                                    name, 3 * bytes);
    const SafetensorsContent content = parse(header, 3 * bytes);
    EXPECT_EQ(content.tensors.at(0).dtype, dtype) << name;
  }
  EXPECT_TRUE(parse("{}", 0).tensors.empty());
}

TEST(Safetensors, EachKindOfDamageHasItsOwnMessage) {
  const std::string good = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_NO_THROW(parse(good, 8));
  PANGU_EXPECT_ERROR(parse(""), FileError, "m.safetensors has 0 bytes", "truncated");
  PANGU_EXPECT_ERROR(parse("1234567"), FileError, "has 7 bytes", "truncated");
  PANGU_EXPECT_ERROR(parse(with_length(good, "").substr(0, 40)), FileError,
                     "claims a header of 54 bytes but has only 32", "truncated");
  PANGU_EXPECT_ERROR(parse("PK\3\4 a zip file"), FileError, "at most 100000000", "Is this");
  PANGU_EXPECT_ERROR(parse(std::string(8, '\0')), FileError, "not valid JSON", "start with '{'");
  PANGU_EXPECT_ERROR(parse(" {}", 0), FileError, "start with '{'");
  PANGU_EXPECT_ERROR(parse(std::string_view("{}\0 ", 4), 0), FileError, "zero byte");
  PANGU_EXPECT_ERROR(parse("{\"t\": oops", 0), FileError, "not valid JSON", "byte");
  PANGU_EXPECT_ERROR(parse("{} {}", 0), FileError, "not valid JSON");
  PANGU_EXPECT_ERROR(parse(good, 7), FileError, "truncated", "'t'", "ends at byte 8", "only 7");
  PANGU_EXPECT_ERROR(parse(good, 10), FileError, "2 bytes after its last tensor");
  PANGU_EXPECT_ERROR(parse("{}", 1), FileError, "1 bytes after its last tensor");
  PANGU_EXPECT_ERROR(parse("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), FileError,
                     "git lfs pull");
}

TEST(Safetensors, WrongPlacesAreNamed) {
  const auto file = [](std::string_view shape, std::string_view a, std::string_view b) {
    return fmt::format(R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[{}]}},)"
                       R"("b":{{"dtype":"U8","shape":[{}],"data_offsets":[{}]}}}})",
                       a, shape, b);
  };
  EXPECT_NO_THROW(parse(file("4", "4,8", "0,4"), 8));
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "3,7"), 7), FileError, "'a' and 'b' overlap",
                     "ends at byte 4", "starts at 3");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "0,4"), 4), FileError, "overlap");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "5,9"), 9), FileError, "bytes 4 to 5",
                     "before tensor 'b'", "no holes");
  PANGU_EXPECT_ERROR(parse(file("4", "1,5", "5,9"), 9), FileError, "bytes 0 to 1");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "8,4"), 8), FileError, "'b' ends at byte 4",
                     "before its start at 8");
  PANGU_EXPECT_ERROR(parse(file("5", "0,4", "4,8"), 8), FileError, "'b'", "u8 [5]", "takes 5 bytes",
                     "[4, 8] span 4");
  PANGU_EXPECT_ERROR(parse(file("4294967296,4294967297", "0,4", "4,8"), 8), FileError,
                     "more than 2^64 bytes", "[4294967296, 4294967297]");
  PANGU_EXPECT_ERROR(parse(file("9223372036854775808", "0,4", "4,8"), 8), FileError, "'b'",
                     "9223372036854775808");
  PANGU_EXPECT_ERROR(parse(file("-4", "0,4", "4,8"), 8), FileError, "'b'", "-4 in its shape",
                     "negative");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "-4,8"), 8), FileError, "data_offsets", "negative");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "4"), 8), FileError, "'b'", "two numbers");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "4,6,8"), 8), FileError, "two numbers");
  PANGU_EXPECT_ERROR(parse(file("4", "0,4", "4,18446744073709551615"), 8), FileError, "'b'",
                     "span");
  PANGU_EXPECT_ERROR(parse(file("18446744073709551616", "0,4", "4,8"), 8), FileError,
                     "shape of tensor 'b'", "non-negative integer");
  std::string ones = "1";
  for (std::size_t i = 1; i < kMaxSafetensorsRank; ++i) ones += ",1";
  EXPECT_NO_THROW(parse(file(ones, "0,4", "4,5"), 5));
  PANGU_EXPECT_ERROR(parse(file(ones + ",1", "0,4", "4,5"), 5), FileError, "more than 64 sizes");
}

TEST(Safetensors, WrongHeadersAreNamed) {
  const std::string rest = R"("shape":[1],"data_offsets":[0,1]}})";
  PANGU_EXPECT_ERROR(parse(R"({"t":{"dtype":"F8_E4M3",)" + rest, 1), Unsupported, "m.safetensors",
                     "'t'", "F8_E4M3", "BF16");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"dtype":"u8",)" + rest, 1), Unsupported, "'t'", "u8");
  PANGU_EXPECT_ERROR(parse(R"({"t":{)" + rest, 1), FileError, "'t' lacks dtype");
  PANGU_EXPECT_ERROR(parse(R"({"t":{}})", 0), FileError, "dtype, shape, data_offsets");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"x":1,)" + rest, 1), FileError, "'t' has the key 'x'.");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"shape":[1],)" + rest, 1), FileError, "'shape' twice");
  PANGU_EXPECT_ERROR(parse(R"({"t":1})", 0), FileError, "'t' holds 1", "an object was expected");
  PANGU_EXPECT_ERROR(parse(R"({"t":[]})", 0), FileError, "holds an array");
  PANGU_EXPECT_ERROR(parse(R"({"t":null})", 0), FileError, "holds null");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":{"k":null}})", 0), FileError, "'k' in __metadata__",
                     "holds null");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"dtype":7,)" + rest, 1), FileError,
                     "dtype of tensor 't' holds 7", "a string");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"dtype":"U8","shape":"1"}})", 0), FileError,
                     "shape of tensor 't' holds \"1\"", "array of integers");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"shape":[1.5]}})", 0), FileError, "holds 1.5");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"shape":[[1]]}})", 0), FileError, "holds an array");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"shape":[{}]}})", 0), FileError, "holds an object");
  PANGU_EXPECT_ERROR(parse(R"({"t":{"shape":[true]}})", 0), FileError, "holds a boolean");
  const std::string t = R"("t":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  PANGU_EXPECT_ERROR(parse("{" + t + "," + t + "}", 0), FileError, "'t' appears twice");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":{},"__metadata__":{}})", 0), FileError,
                     "'__metadata__' appears twice");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":{"k":"1","k":"2"}})", 0), FileError,
                     "'k' appears twice in __metadata__");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":{"k":1}})", 0), FileError,
                     "'k' in __metadata__ holds 1");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":{"k":{}}})", 0), FileError, "holds an object");
  PANGU_EXPECT_ERROR(parse(R"({"__metadata__":"x"})", 0), FileError, "__metadata__ holds \"x\"");
}

std::string valid_file() {
  return with_length(
      R"({"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("a.bias":{"dtype":"BF16","shape":[3],"data_offsets":[24,30]}})",
      std::string(30, 'd'));
}

/// Parses a copy of exactly this size, so that AddressSanitizer sees any read past its end, and
/// reads every byte that the result points at.
void parse_and_touch(std::string_view file) {
  const std::vector<std::byte> copy(std::as_bytes(std::span(file)).begin(),
                                    std::as_bytes(std::span(file)).end());
  try {
    unsigned sum = 0;
    for (const TensorView& tensor : parse_safetensors(copy, "m.safetensors").tensors) {
      for (const std::byte b : tensor.data) sum += std::to_integer<unsigned>(b);
    }
    EXPECT_GE(sum, 0u);
  } catch (const Error& error) {
    EXPECT_NE(std::string_view(error.what()).find("m.safetensors"), std::string_view::npos);
  }
}

TEST(Safetensors, NoTruncationCrashes) {
  const std::string file = valid_file();
  for (std::size_t n = 0; n < file.size(); ++n) {
    PANGU_EXPECT_ERROR(parse(std::string_view(file).substr(0, n)), FileError, "truncated");
    parse_and_touch(std::string_view(file).substr(0, n));
  }
}

TEST(Safetensors, NoFlippedBytesCrash) {
  std::mt19937_64 random(test::seed());
  const std::string good = valid_file();
  for (int round = 0; round < 20000; ++round) {
    std::string file = good;
    const int flips = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < flips; ++i) file[random() % file.size()] = static_cast<char>(random());
    parse_and_touch(file);
  }
}

TEST(SafetensorsFile, OpensMovesAndFinds) {
  test::ScratchDir dir;
  test::write_file(dir / "m.safetensors", valid_file());
  SafetensorsFile first(dir / "m.safetensors");
  const SafetensorsFile file = std::move(first);
  ASSERT_NE(file.find("a.bias"), nullptr);
  EXPECT_EQ(file.find("a.bias")->data.size(), 6u);
  EXPECT_EQ(file.find("nope"), nullptr);
  file.drop(*file.find("a.weight"));
  EXPECT_EQ(text_of(*file.find("a.weight")), std::string(24, 'd'));
  PANGU_EXPECT_ERROR(SafetensorsFile(dir / "gone"), FileError, "gone");
}

TEST(SafetensorsWriter, WhatIsWrittenReadsBack) {
  test::ScratchDir dir;
  std::vector<float> floats(300);
  std::iota(floats.begin(), floats.end(), 0.5f);
  const std::string bytes = "abcde";
  const std::vector<SafetensorsEntry> entries{
      {.name = "small", .dtype = DType::kU8, .shape = {5}, .data = std::as_bytes(std::span(bytes))},
      {.name = "quote\"é",
       .dtype = DType::kF32,
       .shape = {3, 100},
       .produce =
           [&](const ByteSink& sink) {
             for (const float& x : floats) sink(std::as_bytes(std::span(&x, 1)));
           }},
      {.name = "empty", .dtype = DType::kI64, .shape = {0, 4}},
      {.name = "scalar",
       .dtype = DType::kF32,
       .shape = {},
       .data = std::as_bytes(std::span(floats)).first(4)}};
  write_safetensors(dir / "o.safetensors", entries, {{"format", "pt"}, {"k", "\n"}});

  const SafetensorsFile file(dir / "o.safetensors");
  EXPECT_EQ(file.metadata(), (SafetensorsMetadata{{"format", "pt"}, {"k", "\n"}}));
  ASSERT_EQ(file.tensors().size(), 4u);
  const TensorView& matrix = *file.find("quote\"é");
  EXPECT_EQ(matrix.shape, (std::vector<std::int64_t>{3, 100}));
  ASSERT_EQ(matrix.data.size(), 1200u);
  EXPECT_EQ(std::memcmp(matrix.data.data(), floats.data(), 1200), 0);
  EXPECT_EQ(text_of(*file.find("small")), "abcde");
  for (const TensorView& tensor : file.tensors()) {
    const auto place = static_cast<std::size_t>(tensor.data.data() - file.bytes().data());
    EXPECT_EQ(place % size_bytes(tensor.dtype), 0u) << tensor.name;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(SafetensorsWriter, TakesPiecesInAnyOrderAndWritesTheSameFile) {
  test::ScratchDir dir;
  const std::string codes = "abcdefg", scales = "01234567";
  const std::vector<SafetensorsEntry> entries{
      {.name = "w", .dtype = DType::kU8, .shape = {7}, .data = std::as_bytes(std::span(codes))},
      {.name = "s", .dtype = DType::kF16, .shape = {4}, .data = std::as_bytes(std::span(scales))}};
  write_safetensors(dir / "whole", entries, {{"k", "v"}});
  SafetensorsWriter writer(dir / "pieces", entries, {{"k", "v"}});
  writer.write(0, entries[0].data.first(3));
  writer.write(1, entries[1].data.first(6));
  writer.write(0, entries[0].data.subspan(3));
  PANGU_EXPECT_ERROR(writer.commit(), FileError, "'s'", "lacks 2 bytes");
  PANGU_EXPECT_ERROR(writer.write(1, entries[1].data.first(3)), FileError, "'s'", "room for 2 more",
                     "3 were given");
  writer.write(1, entries[1].data.subspan(6));
  EXPECT_FALSE(std::filesystem::exists(dir / "pieces"));
  writer.commit();
  EXPECT_EQ(test::read_file(dir / "pieces"), test::read_file(dir / "whole"));
  PANGU_EXPECT_ERROR(SafetensorsWriter("/dev/null", entries).write(0, entries[0].data), FileError,
                     "/dev/null", "from front to back");
}

TEST(SafetensorsWriter, PadsTheHeaderForEveryNameLength) {
  test::ScratchDir dir;
  for (std::size_t n = 0; n < 17; ++n) {
    const SafetensorsEntry entry{.name = std::string(n, 'n'), .dtype = DType::kF64, .shape = {0}};
    write_safetensors(dir / "o", {&entry, 1});
    EXPECT_EQ(std::filesystem::file_size(dir / "o") % 8, 0u);
    EXPECT_EQ(SafetensorsFile(dir / "o").tensors().at(0).name, entry.name);
  }
  write_safetensors(dir / "o", {});
  EXPECT_TRUE(SafetensorsFile(dir / "o").tensors().empty());
}

TEST(SafetensorsWriter, RefusesWhatItCouldNotReadBack) {
  test::ScratchDir dir;
  const auto write = [&](std::vector<SafetensorsEntry> entries) {
    write_safetensors(dir / "o.safetensors", entries);
  };
  const std::string five = "abcde";
  const auto data = std::as_bytes(std::span(five));
  PANGU_EXPECT_ERROR(write({{"t", DType::kU8, {4}, data}}), FileError, "o.safetensors", "'t'",
                     "u8 [4]", "takes 4 bytes", "5 were given");
  PANGU_EXPECT_ERROR(write({{"t", DType::kF32, {4}, data}}), FileError, "takes 16 bytes");
  PANGU_EXPECT_ERROR(write({{"t", DType::kU8, {-1}, data}}), FileError, "[-1]");
  PANGU_EXPECT_ERROR(write({{"t", DType::kU8, {1LL << 62, 8}, data}}), FileError, "64 bits");
  PANGU_EXPECT_ERROR(write({{"t", DType::kU8, {5}, data}, {"t", DType::kU8, {5}, data}}), FileError,
                     "cannot be named 't'");
  PANGU_EXPECT_ERROR(write({{"__metadata__", DType::kU8, {5}, data}}), FileError, "__metadata__");
  PANGU_EXPECT_ERROR(write({{"\xff", DType::kU8, {5}, data}}), FileError, "UTF-8");
  PANGU_EXPECT_ERROR(write_safetensors(dir / "o.safetensors", {}, {{"k", "\xff"}}), InputError,
                     "metadata");
  PANGU_EXPECT_ERROR(write_safetensors(dir / "no/o", {}), FileError, "no folder");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace pangu
