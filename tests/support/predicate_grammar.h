// SPDX-License-Identifier: Apache-2.0
// A grammar that a function decides, asked about every token: slow and plain.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pangu/constraint.h"
#include "pangu/tokenizer.h"

namespace pangu::test {

/// What a text is to a grammar.
struct TextState {
  bool may_go_on = false;  ///< it, or a longer text, is in the language
  bool may_end = false;    ///< it is
};

class PredicateGrammar : public OutputGrammar {
 public:
  using Predicate = std::function<TextState(std::string_view text)>;

  PredicateGrammar(std::shared_ptr<const Tokenizer> tokenizer, Predicate of)
      : tokenizer_(std::move(tokenizer)), of_(std::move(of)) {}

  TokenId vocab_size() const override { return tokenizer_->vocab_size(); }
  std::unique_ptr<TokenConstraint> begin() const override {
    return std::make_unique<Constraint>(*this);
  }

 private:
  class Constraint : public TokenConstraint {
   public:
    explicit Constraint(const PredicateGrammar& grammar) : grammar_(grammar) {}

    std::span<const std::uint64_t> allowed() override {
      const auto tokens = static_cast<std::size_t>(grammar_.vocab_size());
      words_.assign((tokens + 63) / 64, 0);
      for (std::size_t id = 0; id < tokens; ++id) {
        if (fits(static_cast<TokenId>(id))) words_[id / 64] |= std::uint64_t{1} << (id % 64);
      }
      return words_;
    }
    bool may_end() const override { return grammar_.of_(text_).may_end; }
    bool push(TokenId id) override {
      if (!fits(id)) return false;
      text_ += grammar_.tokenizer_->bytes(id);
      return true;
    }
    std::unique_ptr<TokenConstraint> copy() const override {
      return std::make_unique<Constraint>(*this);
    }
    std::string forced_text(std::size_t most) override {
      std::string text = text_;
      while (text.size() < text_.size() + most && !grammar_.of_(text).may_end) {
        std::string next;
        for (int byte = 0; byte < 256; ++byte) {
          if (grammar_.of_(text + static_cast<char>(byte)).may_go_on) {
            next += static_cast<char>(byte);
          }
        }
        if (next.size() != 1) break;
        text += next;
      }
      return text.substr(text_.size());
    }

   private:
    bool fits(TokenId id) const {
      const Tokenizer& t = *grammar_.tokenizer_;
      return !t.is_special(id) && !t.bytes(id).empty() &&
             grammar_.of_(text_ + t.bytes(id)).may_go_on;
    }

    const PredicateGrammar& grammar_;
    std::string text_;
    std::vector<std::uint64_t> words_;
  };

  std::shared_ptr<const Tokenizer> tokenizer_;
  Predicate of_;
};

/// The language of some words.
inline PredicateGrammar::Predicate one_of_words(std::vector<std::string> words) {
  return [words = std::move(words)](std::string_view text) {
    TextState state;
    for (const std::string& word : words) {
      state.may_go_on = state.may_go_on || word.starts_with(text);
      state.may_end = state.may_end || word == text;
    }
    return state;
  };
}

}  // namespace pangu::test
