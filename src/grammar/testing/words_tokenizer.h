// SPDX-License-Identifier: Apache-2.0
// A vocabulary of all bytes, some words, and an end-of-text token.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/letters_tokenizer.h"

namespace pangu::grammar {

class WordsTokenizer : public test::LettersTokenizer {
 public:
  explicit WordsTokenizer(std::vector<std::string> words) : LettersTokenizer(with_end(words)) {}

  std::optional<TokenId> eos_id() const override { return vocab_size() - 1; }
  bool is_special(TokenId id) const override { return id == vocab_size() - 1; }
  bool ends_run(TokenId id) const override { return is_special(id); }

 private:
  static std::vector<std::string> with_end(std::vector<std::string> words) {
    words.emplace_back("<end>");
    return words;
  }
};

}  // namespace pangu::grammar
