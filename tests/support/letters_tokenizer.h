// SPDX-License-Identifier: Apache-2.0
// A vocabulary whose tokens are single bytes, and whatever markers a test wants beside them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pangu/tokenizer.h"

namespace pangu::test {

/// Bytes are tokens 0 to 255, markers follow in their order; markers are special and found in text
/// that may hold special tokens.
class LettersTokenizer : public Tokenizer {
 public:
  explicit LettersTokenizer(std::vector<std::string> markers = {}, std::string chat_template = {})
      : pieces_(256), chat_template_(std::move(chat_template)) {
    for (int c = 0; c < 256; ++c) pieces_[static_cast<std::size_t>(c)] = {static_cast<char>(c)};
    pieces_.insert(pieces_.end(), markers.begin(), markers.end());
  }

  TokenId vocab_size() const override { return static_cast<TokenId>(pieces_.size()); }
  std::optional<TokenId> bos_id() const override { return {}; }
  std::optional<TokenId> eos_id() const override { return {}; }
  std::optional<TokenId> pad_id() const override { return {}; }
  std::optional<TokenId> unk_id() const override { return {}; }
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                              const EncodeOptions&) const override {
    std::vector<TokenId> ids;
    for (const TextPiece& piece : pieces) {
      for (std::size_t at = 0; at < piece.text.size();) {
        const TokenId id = token_at(piece.text.substr(at), piece.parse_special);
        at += pieces_[static_cast<std::size_t>(id)].size();
        ids.push_back(id);
      }
    }
    encoded_ += ids.size();
    return ids;
  }
  const std::string& piece(TokenId id) const override { return bytes(id); }
  const std::string& bytes(TokenId id) const override {
    return pieces_.at(static_cast<std::size_t>(id));
  }
  bool is_special(TokenId id) const override { return id >= 256; }
  std::optional<TokenId> id_of(std::string_view piece) const override {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i] == piece) return static_cast<TokenId>(i);
    }
    return std::nullopt;
  }
  const std::string& chat_template() const override { return chat_template_; }
  std::string kind() const override { return "letters"; }
  LeadingSpace leading_space() const override { return LeadingSpace::kKeep; }
  bool ends_run(TokenId id) const override { return id >= 256; }

  /// Tokens that were made so far.
  std::size_t encoded() const { return encoded_; }

 private:
  TokenId token_at(std::string_view rest, bool parse_special) const {
    for (std::size_t i = 256; parse_special && i < pieces_.size(); ++i) {
      if (rest.starts_with(pieces_[i])) return static_cast<TokenId>(i);
    }
    return static_cast<unsigned char>(rest.front());
  }

  std::vector<std::string> pieces_;
  std::string chat_template_;
  mutable std::size_t encoded_ = 0;
};

}  // namespace pangu::test
