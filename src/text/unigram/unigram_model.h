// SPDX-License-Identifier: Apache-2.0
// Unigram: the most likely way to write a word in pieces that each have a log-probability.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pangu/token.h"
#include "text/tokenizer/byte_trie.h"
#include "text/tokenizer/tokenizer_vocabulary.h"

namespace pangu::text {

/// What a model is made of, besides its vocabulary.
struct UnigramParts {
  std::vector<double> scores;  ///< of the ids 0, 1, ...; tokens behind them are not the model's
  std::optional<TokenId> unk_id;
  bool byte_fallback = false;  ///< unknown characters are spelled with <0x00> ... <0xFF>
};

/// Finds the best path by Viterbi's algorithm (Kudo 2018, arXiv:1804.10959). A character that no
/// piece begins with costs 10 more than the worst piece; unknown characters in a row give one unk.
/// Time is the length of the word times that of the longest piece. Immutable; the vocabulary must
/// outlive it.
class UnigramModel {
 public:
  static constexpr std::size_t kMaxPieceBytes = 1024;

  /// Throws FileError naming a piece of more than kMaxPieceBytes bytes.
  UnigramModel(const Vocabulary& vocabulary, const UnigramParts& parts);

  /// Appends the ids of `word`. Throws InputError for a character that neither a piece, the byte
  /// tokens nor unk can express.
  void encode(std::string_view word, std::vector<TokenId>& ids) const;

 private:
  static constexpr std::size_t kNowhere = SIZE_MAX;

  /// The best way to end at a place.
  struct Step {
    double score = 0;
    std::size_t begin = kNowhere;
    bool is_unknown = false;
  };
  std::vector<Step> best_steps(std::string_view word) const;
  void append(std::string_view piece, std::vector<TokenId>& ids) const;

  const Vocabulary* vocabulary_;
  std::vector<double> scores_;
  std::optional<TokenId> unk_id_;
  double unk_score_;
  ByteTokens byte_tokens_;
  ByteTrie trie_;
};

}  // namespace pangu::text
