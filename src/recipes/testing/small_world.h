// SPDX-License-Identifier: Apache-2.0
// A small random model with a tokenizer of its own and a text, on disk: all that a recipe needs.
#pragma once

#include <filesystem>
#include <iterator>
#include <random>
#include <string>

#include "io/json.h"
#include "tests/support/random_checkpoint.h"
#include "text/training/tokenizer_train.h"
#include "train/train_config.h"

namespace pangu::test {

/// A folder with "model", "text.txt" and whatever a test adds.
class SmallWorld {
 public:
  SmallWorld() {
    write_file(text(), prose(60));
    text::TokenizerTraining tokenizer;
    tokenizer.model.vocab_size = kVocabulary;
    text::train_tokenizer({text()}, model(), tokenizer);
    ModelConfig config = odd_config();
    config.vocab_size = kVocabulary;
    config.intermediate_size = {64, 64};
    config.max_position_embeddings = 128;
    write_random_checkpoint(model(), config, DType::kF32);
  }

  std::filesystem::path path(std::string_view name) const { return scratch_ / name; }
  std::filesystem::path model() const { return path("model"); }
  std::filesystem::path text() const { return path("text.txt"); }

  /// Some steps over the text, into the folder `out`; `more` replaces keys.
  TrainConfig train_config(const std::string& out, const Json& more = Json::object()) const {
    Json json = {{"model", {{"from", model().string()}}},
                 {"data", {{"train", {text().string()}}, {"sequence_length", 32}}},
                 {"batch", {{"rows", 2}}},
                 {"optimizer", {{"learning_rate", 3e-3}}},
                 {"steps", 4},
                 {"dtype", "f32"},
                 {"save", {{"every", 2}, {"dtype", "f32"}}},
                 {"output", path(out).string()}};
    json.merge_patch(more);
    return parse_train_config(json, "test.json");
  }

  static ContextOptions machine() {
    return {.threads = 2, .isa = default_isa(), .dtype = DType::kF32};
  }

 private:
  static constexpr std::int64_t kVocabulary = 330;

  static std::string prose(int documents) {
    constexpr const char* kWords[] = {"the", "cat", "saw", "a", "big", "red", "ball", "and", "ran"};
    std::mt19937 engine(7);
    std::string text;
    for (int d = 0; d < documents; ++d) {
      for (int w = 0; w < 12; ++w) {
        text += std::string(w ? " " : "") + kWords[engine() % std::size(kWords)];
      }
      text += "\n\n";
    }
    return text;
  }

  ScratchDir scratch_;
};

}  // namespace pangu::test
