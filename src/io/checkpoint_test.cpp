// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint.h"

#include <fmt/format.h>

#include <string>

#include "io/json.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

void write_shard(const fs::path& path, const std::vector<std::string>& names) {
  static const std::vector<std::byte> zeros(6);
  std::vector<SafetensorsEntry> entries;
  for (const std::string& name : names) entries.push_back({name, DType::kBF16, {3}, zeros});
  write_safetensors(path, entries);
}

void write_index(const fs::path& folder, const Json& weight_map) {
  test::write_file(folder / "model.safetensors.index.json",
                   Json{{"metadata", {{"total_size", 1}}}, {"weight_map", weight_map}}.dump());
}

TEST(Checkpoint, OpensOneFileUnderAnyName) {
  for (const char* name : {"model.safetensors", "weights.safetensors"}) {
    test::ScratchDir dir;
    test::write_file(dir / "config.json", "{}");
    write_shard(dir / name, {"b", "a"});
    const Checkpoint checkpoint = Checkpoint::open(dir.path());
    EXPECT_EQ(checkpoint.names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(checkpoint.total_bytes(), 12u);
    EXPECT_EQ(checkpoint.folder(), dir.path());
    EXPECT_EQ(checkpoint.require("a", {3}).dtype, DType::kBF16);
    EXPECT_EQ(checkpoint.find("c"), nullptr);
  }
}

TEST(Checkpoint, JoinsShardsAndSurvivesAMove) {
  test::ScratchDir dir;
  write_shard(dir / "m-1.safetensors", {"a", "c"});
  write_shard(dir / "m-2.safetensors", {"b", "unlisted"});
  write_index(dir.path(),
              {{"a", "m-1.safetensors"}, {"b", "m-2.safetensors"}, {"c", "m-1.safetensors"}});
  Checkpoint first = Checkpoint::open(dir.path());
  const Checkpoint checkpoint = std::move(first);
  EXPECT_EQ(checkpoint.names(), (std::vector<std::string>{"a", "b", "c", "unlisted"}));
  EXPECT_EQ(checkpoint.files().size(), 2u);
  EXPECT_EQ(checkpoint.total_bytes(), 24u);
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    checkpoint.drop(*tensor);
    EXPECT_EQ(tensor->data[5], std::byte{0}) << name;
  }
}

TEST(Checkpoint, PrefersTheWholeFileToTheIndex) {
  test::ScratchDir dir;
  write_shard(dir / "model.safetensors", {"whole"});
  write_index(dir.path(), {{"a", "gone.safetensors"}});
  EXPECT_NE(Checkpoint::open(dir.path()).find("whole"), nullptr);
}

TEST(Checkpoint, RequireExplainsMissingNamesAndOtherShapes) {
  test::ScratchDir dir;
  write_shard(dir / "model.safetensors", {"a", "b", "c", "d", "e", "f", "g"});
  const Checkpoint checkpoint = Checkpoint::open(dir.path());
  PANGU_EXPECT_ERROR(checkpoint.require("x", {3, 4}), FileError, dir.path().c_str(),
                     "no tensor 'x'", "[3, 4]", "a, b, c, d, e and 2 more");
  PANGU_EXPECT_ERROR(checkpoint.require("a", {4}), ShapeError, "'a' is [3]", "asks for [4]");
  PANGU_EXPECT_ERROR(checkpoint.require("a", {3, 1}), ShapeError, "[3, 1]");
}

TEST(Checkpoint, NamesMissingShardsUpToAFew) {
  test::ScratchDir dir;
  Json map;
  for (int i = 1; i <= 9; ++i) map[fmt::format("t{}", i)] = fmt::format("m-{}.safetensors", i);
  write_index(dir.path(), map);
  write_shard(dir / "m-2.safetensors", {"t2"});
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, dir.path().c_str(), "8 of 9 shards",
                     "m-1.safetensors, m-3.safetensors", "and 3 more", "Fetch");
}

TEST(Checkpoint, IndexAndShardsMustAgree) {
  test::ScratchDir dir;
  write_shard(dir / "m-1.safetensors", {"a"});
  write_shard(dir / "m-2.safetensors", {"b"});
  write_index(dir.path(),
              {{"a", "m-1.safetensors"}, {"b", "m-1.safetensors"}, {"z", "m-2.safetensors"}});
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "'b' is in m-1.safetensors",
                     "is not");
  write_shard(dir / "m-2.safetensors", {"b", "a"});
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "'a' is in two shards",
                     "m-1.safetensors and m-2.safetensors");
}

TEST(Checkpoint, IndexMayNotLeaveTheFolder) {
  test::ScratchDir dir;
  for (const std::string& name : {std::string("../m.safetensors"), std::string("/etc/passwd"),
                                  std::string("a/b"), std::string(".."), std::string("."),
                                  std::string(""), std::string("a\\b"), std::string("a\0b", 3)}) {
    write_index(dir.path(), {{"t", name}});
    PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), ConfigError, "index.json", "weight_map.t",
                       "plain name");
  }
}

TEST(Checkpoint, DamagedIndexesAreExplained) {
  test::ScratchDir dir;
  const auto index = dir / "model.safetensors.index.json";
  test::write_file(index, "{");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "index.json", "JSON");
  test::write_file(index, "[]");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), ConfigError, "index.json", "object");
  test::write_file(index, "{}");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), ConfigError, "weight_map is missing");
  test::write_file(index, R"({"weight_map": {"t": 1}})");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), ConfigError, "weight_map.t is 1", "a string");
  test::write_file(index, R"({"weight_map": {}})");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "weight_map is empty");
  test::write_file(index, "version https://git-lfs.github.com/spec/v1\n");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "git lfs pull");
}

TEST(Checkpoint, FoldersWithoutWeightsSayWhatIsThere) {
  test::ScratchDir dir;
  PANGU_EXPECT_ERROR(Checkpoint::open(dir / "gone"), FileError, "gone does not exist");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "no weights", "folder is empty");
  test::write_file(dir / "config.json", "{}");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "no weights", "It has config.json");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir / "config.json"), FileError,
                     "config.json is not a folder");
  test::write_file(dir / "pytorch_model.bin", "x");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "PyTorch weights only",
                     "pytorch_model.bin");
  test::write_file(dir / "m.gguf", "x");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "m.gguf", "Name that file");
  write_shard(dir / "x-1.safetensors", {"a"});
  write_shard(dir / "x-2.safetensors", {"b"});
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "2 safetensors files",
                     "x-1.safetensors, x-2.safetensors", "index");
  test::write_file(dir / "model.safetensors", "version https://git-lfs.github.com/spec/v1\n");
  PANGU_EXPECT_ERROR(Checkpoint::open(dir.path()), FileError, "model.safetensors", "git lfs pull");
}

TEST(Checkpoint, OpensTheSharedModels) {
  PANGU_NEEDS_SHARED_DATA();
  const fs::path models = test::shared_dir() / "models";
  const Checkpoint stories = Checkpoint::open(models / "stories260K");
  EXPECT_EQ(stories.tensors().size(), 47u);
  EXPECT_EQ(stories.require("model.embed_tokens.weight", {512, 64}).dtype, DType::kF32);

  const Checkpoint tiny = Checkpoint::open(models / "pangu-embedded-tiny");
  EXPECT_EQ(tiny.tensors().size(), 41u);
  EXPECT_EQ(tiny.total_bytes(), 1319096u - 8 - 4272);
  EXPECT_EQ(tiny.require("model.layers.2.self_attn.o_proj.bias", {128}).dtype, DType::kBF16);

  const Checkpoint untied = Checkpoint::open(models / "pangu-embedded-tiny-untied");
  EXPECT_EQ(untied.files().size(), 3u);
  EXPECT_EQ(untied.tensors().size(), 29u);
  EXPECT_NO_THROW(untied.require("lm_head.weight", {512, 96}));
  EXPECT_EQ(SafetensorsFile(test::shared_dir() / "golden/pangu-embedded-tiny-grad.safetensors")
                .tensors()
                .size(),
            92u);
  PANGU_EXPECT_ERROR(Checkpoint::open(models / "openpangu-embedded-7b"), FileError, "9 of 9 shards",
                     "model-00001-of-00009.safetensors", "and 4 more");
}

}  // namespace
}  // namespace pangu
