// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding of one word by a ranked list of merges.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pangu/token.h"
#include "text/tokenizer/tokenizer_vocabulary.h"

namespace pangu::text {

struct BpeOptions {
  std::optional<TokenId> unk_id;
  bool fuse_unk = false;       ///< unknown characters in a row give one unk
  bool byte_fallback = false;  ///< unknown characters are spelled with <0x00> ... <0xFF>
  bool ignore_merges = false;  ///< a word that is a token is never taken apart
};

/// What a model is made of, besides its vocabulary.
struct BpeParts {
  using Merge = std::pair<std::string_view, std::string_view>;

  std::vector<Merge> merges;  ///< best first; views that need to live during construction only
  BpeOptions options;
};

/// Starts from single characters and always joins the pair whose merge comes first in the list,
/// leftmost first (Sennrich et al. 2016, arXiv:1508.07909). Time is O(n log n) in the length of the
/// word: pairs wait in a heap. Immutable; the vocabulary must outlive it.
class BpeModel {
 public:
  using Merge = BpeParts::Merge;

  /// Throws FileError naming a merge whose parts, or whose result, are not in the vocabulary.
  BpeModel(const Vocabulary& vocabulary, const BpeParts& parts);

  /// Appends the ids of `word`. A character that neither the vocabulary, the byte tokens nor unk
  /// can express is left out, as the reference implementation does.
  void encode(std::string_view word, std::vector<TokenId>& ids) const;

 private:
  struct Rule {
    std::int32_t rank;
    TokenId result;
  };
  const Rule* rule(TokenId left, TokenId right) const;
  void spell(std::string_view word, std::vector<TokenId>& ids) const;

  const Vocabulary* vocabulary_;
  BpeOptions options_;
  std::unordered_map<std::uint64_t, Rule> rules_;
  ByteTokens byte_tokens_;
};

}  // namespace pangu::text
