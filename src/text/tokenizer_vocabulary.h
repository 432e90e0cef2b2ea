// SPDX-License-Identifier: Apache-2.0
// The table every tokenizer shares: id <-> piece, the bytes each token stands for, which are
// special.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pangu/token.h"

namespace pangu::text {

/// Filled by put() in any order, then sealed; only read afterwards.
class Vocabulary {
 public:
  /// `file` names the source in messages.
  explicit Vocabulary(std::string file) : file_(std::move(file)) {}

  void reserve(std::size_t tokens);
  /// Sets the token `id`, which must be new, with a new piece. Throws FileError if the id or piece
  /// is taken, or the id is outside [0, kMaxTokens).
  void put(TokenId id, std::string_view piece, std::string bytes);
  /// Marks tokens. An unknown id is refused as by check_id().
  void mark_special(TokenId id);
  void mark_run_end(TokenId id);
  /// Overwrites what a token decodes to.
  void set_bytes(TokenId id, std::string bytes);
  /// Throws FileError unless every id from 0 to the largest has a token, and there is one.
  void seal();

  TokenId size() const { return static_cast<TokenId>(entries_.size()); }
  std::optional<TokenId> find(std::string_view piece) const;
  bool contains(TokenId id) const;
  const std::string& file() const { return file_; }

  // Throw InputError for an id outside the vocabulary.
  const std::string& piece(TokenId id) const { return entry(id).piece; }
  const std::string& bytes(TokenId id) const { return entry(id).bytes; }
  bool is_special(TokenId id) const { return entry(id).is_special; }
  bool ends_run(TokenId id) const { return entry(id).ends_run; }

  /// More than any known vocabulary; keeps a wrong id from claiming memory for the gap before it.
  static constexpr TokenId kMaxTokens = 4'000'000;

 private:
  struct Entry {
    std::string piece;
    std::string bytes;
    bool is_present = false;
    bool is_special = false;
    bool ends_run = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  const Entry& entry(TokenId id) const;
  Entry& known_entry(TokenId id);

  std::string file_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, TokenId, Hash, std::equal_to<>> ids_;
};

}  // namespace pangu::text
