// SPDX-License-Identifier: Apache-2.0
// What a corpus is made of: training records, test items, and the instances that keep them apart.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::corpus {

/// Keys stay in the order in which they are written.
using OrderedJson = nlohmann::ordered_json;

enum class Language : std::uint8_t { kEnglish, kChinese };
inline constexpr Language kLanguages[] = {Language::kEnglish, Language::kChinese};

/// "en" or "zh".
std::string_view code(Language language);
/// Throws InputError naming those there are.
Language parse_language(std::string_view code);

struct CorpusMessage {
  std::string role;
  std::string content;
  /// Of assistants: empty for an answer without reasoning.
  std::optional<std::string> reasoning = std::nullopt;
};

/// A text, or a conversation.
struct TrainingExample {
  std::string text;
  std::vector<CorpusMessage> messages;

  static TrainingExample plain(std::string text) { return {std::move(text), {}}; }
  /// A question that is answered after `reasoning`.
  static TrainingExample slow(std::string question, std::string reasoning, std::string answer);
  /// A question with the tag " /no_think", answered at once.
  static TrainingExample fast(std::string question, std::string answer);
};

/// What a family draws: an instance in one language, as a record to train on and as a test item.
struct Sample {
  /// Names what is asked, apart from wording, names and language. Samples with the same instance
  /// belong to the same split. Empty: not asked in tests, for training only.
  std::string instance;
  TrainingExample example;
  OrderedJson test;      ///< null where the instance is no test item
  std::string question;  ///< as a person would put it; empty for texts
};

enum class Split : std::uint8_t { kTrain, kValidation, kTest };

/// Where an instance belongs: the same in every corpus, whatever its seed, size and languages.
Split split_of(std::string_view instance);

/// One line of JSON, with its newline.
std::string record_line(std::string_view family, Language language, const TrainingExample& example);

}  // namespace pangu::corpus
