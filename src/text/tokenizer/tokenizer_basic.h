// SPDX-License-Identifier: Apache-2.0
// What all tokenizers do alike: cut out added tokens, put bos and eos, answer questions about ids.
// A kind of tokenizer adds how one stretch of ordinary text becomes ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/tokenizer.h"
#include "text/pre_tokenizer/pretokenizer_regex.h"
#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/tokenizer_vocabulary.h"

namespace pangu::text {

/// The parts that loaders fill in.
struct TokenizerParts {
  explicit TokenizerParts(std::string file) : vocabulary(std::move(file)) {}

  Vocabulary vocabulary;
  std::vector<AddedToken> added;
  std::optional<TokenId> bos, eos, pad, unk;
  std::vector<TokenId> special;  ///< left out by decode(), besides bos, eos and pad
  std::vector<TokenId> prefix;   ///< put first unless the caller says otherwise
  std::vector<TokenId> suffix;   ///< put last unless the caller says otherwise
  LeadingSpace leading_space = LeadingSpace::kKeep;
  std::string chat_template;
  std::string kind;
};

class BasicTokenizer : public Tokenizer {
 public:
  TokenId vocab_size() const override { return parts_.vocabulary.size(); }
  std::optional<TokenId> bos_id() const override { return parts_.bos; }
  std::optional<TokenId> eos_id() const override { return parts_.eos; }
  std::optional<TokenId> pad_id() const override { return parts_.pad; }
  std::optional<TokenId> unk_id() const override { return parts_.unk; }
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                              const EncodeOptions& options) const override;
  const std::string& piece(TokenId id) const override { return parts_.vocabulary.piece(id); }
  const std::string& bytes(TokenId id) const override { return parts_.vocabulary.bytes(id); }
  bool is_special(TokenId id) const override { return parts_.vocabulary.is_special(id); }
  std::optional<TokenId> id_of(std::string_view piece) const override {
    return parts_.vocabulary.find(piece);
  }
  const std::string& chat_template() const override { return parts_.chat_template; }
  std::string kind() const override { return parts_.kind; }
  LeadingSpace leading_space() const override { return parts_.leading_space; }
  bool ends_run(TokenId id) const override { return parts_.vocabulary.ends_run(id); }

 protected:
  /// Seals the vocabulary and checks that every id the parts name is in it.
  explicit BasicTokenizer(TokenizerParts parts);

  /// Prepares a stretch between added tokens that are looked for in the text as it is. Those marked
  /// `normalized` are then looked for in the result. `work` is for the whole text.
  virtual std::string normalize(std::string_view text, RegexWork& work) const;
  /// Appends the ids of a stretch without added tokens; `is_first` if the text begins with it.
  virtual void encode_stretch(std::string text, bool is_first, RegexWork& work,
                              std::vector<TokenId>& ids) const = 0;

  const Vocabulary& vocabulary() const { return parts_.vocabulary; }
  /// To be called once normalize() works, by the constructor of a class that overrides it.
  void index_normalized_tokens();

 private:
  void encode_text(std::string_view text, bool parse_special, bool is_first, RegexWork& work,
                   std::vector<TokenId>& ids) const;

  TokenizerParts parts_;
  AddedTokenMatcher raw_matcher_;
  AddedTokenMatcher normalized_matcher_;
};

}  // namespace pangu::text
