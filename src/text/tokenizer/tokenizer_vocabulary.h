// SPDX-License-Identifier: Apache-2.0
// The table every tokenizer shares: id <-> piece, the bytes each token stands for, which are
// special.
#pragma once

#include <array>
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
  /// To be called when all is put. Ids without a token, as files have them before special tokens,
  /// have an empty piece and stand for nothing. Throws FileError if there are more than kMaxUnused
  /// of them, or no tokens.
  void seal();

  /// One more than the largest id.
  TokenId size() const { return static_cast<TokenId>(entries_.size()); }
  std::optional<TokenId> find(std::string_view piece) const;
  /// Whether the id has a token.
  bool contains(TokenId id) const;
  const std::string& file() const { return file_; }

  // Throw InputError for an id of size() or more.
  const std::string& piece(TokenId id) const { return entry(id).piece; }
  const std::string& bytes(TokenId id) const { return entry(id).bytes; }
  bool is_special(TokenId id) const { return entry(id).is_special; }
  bool ends_run(TokenId id) const { return entry(id).ends_run; }

  /// More than any known vocabulary; keeps a wrong id from claiming memory for the gap before it.
  static constexpr TokenId kMaxTokens = 4'000'000;
  static constexpr std::ptrdiff_t kMaxUnused = 4096;

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

/// The tokens "<0x00>" to "<0xFF>" that spell bytes, where the vocabulary has them.
using ByteTokens = std::array<std::optional<TokenId>, 256>;
ByteTokens find_byte_tokens(const Vocabulary& vocabulary);
/// Appends the tokens of all bytes of `text`, or nothing, and tells so, if one of them has none.
bool append_byte_tokens(const ByteTokens& tokens, std::string_view text, std::vector<TokenId>& ids);

}  // namespace pangu::text
