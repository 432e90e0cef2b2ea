// SPDX-License-Identifier: Apache-2.0
#include "corpus/record.h"

#include <utility>

#include "base/error.h"
#include "base/hash.h"

namespace pangu::corpus {
namespace {

constexpr std::string_view kFastTag = " /no_think";

/// Of 100 instances.
constexpr std::uint64_t kTrainShare = 86, kValidationShare = 4;

/// FNV-1a, then the finalizer of SplitMix64, because the low bits of FNV follow the last character.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = fnv1a(text);
  h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
  h = (h ^ h >> 27) * 0x94d049bb133111ebu;
  return h ^ h >> 31;
}

}  // namespace

std::string_view code(Language language) {
  return language == Language::kEnglish ? "en" : "zh";
}

Language parse_language(std::string_view text) {
  for (const Language language : kLanguages) {
    if (code(language) == text) return language;
  }
  fail<InputError>("[corpus] there is no language '{}'. Use en, zh or both.", text);
}

TrainingExample TrainingExample::slow(std::string question, std::string reasoning,
                                      std::string answer) {
  return {"",
          {{"user", std::move(question)}, {"assistant", std::move(answer), std::move(reasoning)}}};
}

TrainingExample TrainingExample::fast(std::string question, std::string answer) {
  question += kFastTag;
  return {"", {{"user", std::move(question)}, {"assistant", std::move(answer), ""}}};
}

Split split_of(std::string_view instance) {
  const std::uint64_t place = hash(instance) % 100;
  if (place < kTrainShare) return Split::kTrain;
  return place < kTrainShare + kValidationShare ? Split::kValidation : Split::kTest;
}

std::string record_line(std::string_view family, Language language,
                        const TrainingExample& example) {
  OrderedJson json{{"family", family}, {"language", code(language)}};
  if (example.messages.empty()) {
    json["text"] = example.text;
    return json.dump() + "\n";
  }
  json["messages"] = OrderedJson::array();
  for (const CorpusMessage& m : example.messages) {
    OrderedJson message{{"role", m.role}};
    if (m.reasoning) message["reasoning_content"] = *m.reasoning;
    message["content"] = m.content;
    json["messages"].push_back(std::move(message));
  }
  return json.dump() + "\n";
}

}  // namespace pangu::corpus
