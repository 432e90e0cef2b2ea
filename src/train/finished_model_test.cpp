// SPDX-License-Identifier: Apache-2.0
// The folder a run leaves behind, and that only one run writes to it.
#include "train/finished_model.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"
#include "train/output_lock.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

TEST(FinishedModel, TakesTheTokenizersFilesAndNoOthers) {
  const test::ScratchDir scratch;
  const fs::path from = scratch / "from", to = scratch / "to";
  for (const char* name :
       {"tokenizer.model", "chat_template.jinja", "LICENSE", "README.md", "model.safetensors",
        "config.json", "additional_chat_templates/tools.jinja"}) {
    test::write_file(from / name, name);
  }
  test::write_file(to / "LICENSE", "kept");
  EXPECT_NO_THROW(require_tokenizer_files(from));
  copy_tokenizer_files(from, to);
  EXPECT_EQ(test::read_file(to / "tokenizer.model"), "tokenizer.model");
  EXPECT_EQ(test::read_file(to / "LICENSE"), "kept");
  EXPECT_TRUE(fs::exists(to / "chat_template.jinja"));
  EXPECT_TRUE(fs::exists(to / "additional_chat_templates/tools.jinja"));
  for (const char* name : {"README.md", "model.safetensors", "config.json"}) {
    EXPECT_FALSE(fs::exists(to / name)) << name;
  }
  PANGU_EXPECT_ERROR(require_tokenizer_files(to / "LICENSE"), ConfigError, "LICENSE",
                     "tokenizer.model");
  // Said before the run, not at its end.
  fs::create_symlink("../to/LICENSE", from / "NOTICE");
  PANGU_EXPECT_ERROR(require_tokenizer_files(from), FileError, "NOTICE", "leads out of the model");
}

TEST(FinishedModel, ReplacesAnOlderOneAndIsNoModelWhenItFails) {
  const test::ScratchDir scratch;
  const fs::path out = scratch / "out";
  test::write_file(out / "log.csv", "log");
  const auto write = [&](const std::string& text) {
    write_finished_model(out, [&](const fs::path& folder) {
      test::write_file(folder / "config.json", text);
      test::write_file(folder / "model.safetensors", text);
      test::write_file(folder / "additional_chat_templates/a.jinja", text);
    });
  };
  write("first");
  write("second");
  for (const char* name :
       {"config.json", "model.safetensors", "additional_chat_templates/a.jinja"}) {
    EXPECT_EQ(test::read_file(out / name), "second");
  }
  EXPECT_EQ(test::read_file(out / "log.csv"), "log");
  EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 4);
  // What fails while it is filled leaves the older model.
  EXPECT_THROW(write_finished_model(out, [](const fs::path&) { throw FileError("full"); }),
               FileError);
  EXPECT_EQ(test::read_file(out / "config.json"), "second");
  const auto without_config = [](const fs::path& folder) {
    test::write_file(folder / "model.safetensors", "third");
  };
  PANGU_EXPECT_ERROR(write_finished_model(out, without_config), FileError, "no config.json");
  EXPECT_EQ(test::read_file(out / "config.json"), "second");
  EXPECT_EQ(test::read_file(out / "model.safetensors"), "second");
  // What fails afterwards leaves none: here a file cannot take the place of log.csv/.
  fs::remove(out / "model.safetensors");
  EXPECT_THROW(write_finished_model(out,
                                    [&](const fs::path& folder) {
                                      test::write_file(folder / "config.json", "third");
                                      test::write_file(folder / "log.csv/file", "x");
                                    }),
               FileError);
  EXPECT_FALSE(fs::exists(out / "config.json"));
}

TEST(FinishedModel, TheCardNamesNoPaths) {
  TrainConfig config;
  config.from = "/home/someone/models/base/";
  config.output = "/data/runs/mine";
  config.model.architecture = "PanguEmbeddedForCausalLM";
  config.json = {{"tokenizer", "/home/someone/models/base"},
                 {"output", "/data/runs/mine"},
                 {"model", {{"from", "/home/someone/models/base/"}, {"config", nullptr}}},
                 {"data",
                  {{"train", {"/secret/a.jsonl", {{"path", "/secret/b.txt"}, {"weight", 2}}}},
                   {"validation", Json::array()}}}};
  const std::string card =
      training_card(config, {.step = 7, .tokens = 900, .loss = 1.5, .validation_loss = 2.0},
                    {.parameters = 42}, "pangu train --config c.json");
  for (const char* part : {"# mine", "base", "a.jsonl", "b.txt", "| steps | 7 |", "1.5000",
                           "perplexity 7.389", "$ pangu train --config c.json"}) {
    EXPECT_NE(card.find(part), std::string::npos) << part << card;
  }
  for (const char* part : {"/home", "/data", "/secret"}) {
    EXPECT_EQ(card.find(part), std::string::npos) << part;
  }
}

TEST(FinishedModel, TheCardSaysWhoTaught) {
  TrainConfig config;
  config.from = "/home/someone/small";
  config.output = "/data/new";
  config.model.vocab_size = 100;
  config.distill = {.teacher = "/home/someone/big/", .mix = {}, .cache = "/secret/words"};
  config.json = {{"distill", {{"teacher", "/home/someone/big/"}, {"cache", "/secret/words"}}}};
  const std::string card =
      training_card(config, {.step = 7, .loss = 1.5, .validation_loss = 2.0}, {}, "pangu distill");
  for (const char* part : {"Trained on from small", "Distilled: it learnt from big",
                           "temperature 2", "100 likeliest tokens", "2.0000 nats"}) {
    EXPECT_NE(card.find(part), std::string::npos) << part << card;
  }
  for (const char* part : {"/home", "/secret", "perplexity"}) {
    EXPECT_EQ(card.find(part), std::string::npos) << part;
  }
}

TEST(OutputLock, LeavesNoEmptyFolderOfItsOwn) {
  test::ScratchDir scratch;
  { const OutputLock lock(scratch / "new"); }
  EXPECT_FALSE(std::filesystem::exists(scratch / "new"));
  {
    const OutputLock lock(scratch / "used");
    test::write_file(scratch / "used/log.csv", "x");
  }
  EXPECT_TRUE(std::filesystem::exists(scratch / "used/log.csv"));
  std::filesystem::create_directories(scratch / "mine");
  { const OutputLock lock(scratch / "mine"); }
  EXPECT_TRUE(std::filesystem::exists(scratch / "mine"));
}

TEST(OutputLock, HoldsAFolderForOneRun) {
  const test::ScratchDir scratch;
  {
    const OutputLock lock(scratch / "out");
    PANGU_EXPECT_ERROR(OutputLock(scratch / "out"), FileError, "another run", "out");
  }
  EXPECT_NO_THROW(OutputLock(scratch / "out"));
  test::write_file(scratch / "file", "x");
  PANGU_EXPECT_ERROR(OutputLock(scratch / "file"), FileError, "file");
}

}  // namespace
}  // namespace pangu
