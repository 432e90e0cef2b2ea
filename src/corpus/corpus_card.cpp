// SPDX-License-Identifier: Apache-2.0
// README.md of a generated corpus: what is in which file, and how to make it again.
#include <fmt/format.h>

#include "corpus/generate.h"

namespace pangu::corpus {

std::string corpus_card(const CorpusOptions& options, const CorpusReport& report) {
  std::string text = fmt::format(
      "# A corpus of an invented world\n\n"
      "Made by `pangu corpus`, generator version {}, seed {}. The same command gives the same "
      "bytes. "
      "Every text is generated: names and facts are invented, no sentence was taken from "
      "anywhere.\n\n"
      "| file | records | bytes |\n|---|--:|--:|\n",
      kGeneratorVersion, options.seed);
  for (const auto& [name, count] : report.files) {
    text += fmt::format("| `{}` | {} | {} |\n", name, count.records, count.bytes);
  }
  text += "\nTraining records by family:\n\n| family | language | records |\n|---|---|--:|\n";
  for (const auto& [family, languages] : report.train) {
    for (const auto& [language, records] : languages) {
      text += fmt::format("| {} | {} | {} |\n", family, language, records);
    }
  }
  text += fmt::format(
      "\n`train.jsonl` and `validation.jsonl` hold one record a line, with `family`, `language` "
      "and "
      "either `text` or `messages` (`role`, `content`, and of assistants `reasoning_content`, "
      "empty "
      "where the question ends in ` /no_think`). A tokenizer is trained on `train.jsonl`.\n\n"
      "The files under `test/` hold what a model is asked; the knowledge among them is {} facts, "
      "all told in training, asked for with choices in orders that are not. No instance of a task "
      "(its numbers, its operation and constants, its fact with its choices) is in two of the "
      "three "
      "splits, in any language.\n",
      report.facts);
  if (options.level > 1) {
    text += fmt::format(
        "\nThe tests are of level {}: harder than what stands in training, which is of level 1.\n",
        options.level);
  }
  return text;
}

}  // namespace pangu::corpus
