// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/tokenizer_vocabulary.h"

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu::text {

void Vocabulary::reserve(std::size_t tokens) {
  entries_.reserve(tokens);
  ids_.reserve(tokens);
}

void Vocabulary::put(TokenId id, std::string_view piece, std::string bytes) {
  if (id < 0 || id >= kMaxTokens) {
    fail<FileError>(
        "[tokenizer] {}: the token '{}' has id {}; ids from 0 to {} were expected. Is the "
        "file damaged?",
        file_, clipped(piece), id, kMaxTokens - 1);
  }
  if (static_cast<std::size_t>(id) >= entries_.size()) entries_.resize(id + 1);
  Entry& entry = entries_[id];
  if (entry.is_present) {
    fail<FileError>(
        "[tokenizer] {}: the tokens '{}' and '{}' share id {}. Each id may belong to one "
        "token; use the files that came with the model.",
        file_, clipped(entry.piece), clipped(piece), id);
  }
  const auto [it, is_new] = ids_.emplace(std::string(piece), id);
  if (!is_new) {
    fail<FileError>(
        "[tokenizer] {}: the token '{}' has two ids, {} and {}. Each token may have one; "
        "use the files that came with the model.",
        file_, clipped(piece), it->second, id);
  }
  entry.piece = piece;
  entry.bytes = std::move(bytes);
  entry.is_present = true;
}

Vocabulary::Entry& Vocabulary::known_entry(TokenId id) {
  if (!contains(id)) {
    fail<FileError>(
        "[tokenizer] {}: a special token has id {}, but the vocabulary has {} tokens. Are "
        "all tokenizer files from the same model?",
        file_, id, entries_.size());
  }
  return entries_[id];
}

void Vocabulary::mark_special(TokenId id) {
  known_entry(id).is_special = true;
}
void Vocabulary::mark_run_end(TokenId id) {
  known_entry(id).ends_run = true;
}
void Vocabulary::set_bytes(TokenId id, std::string bytes) {
  known_entry(id).bytes = std::move(bytes);
}

void Vocabulary::seal() {
  if (entries_.empty()) {
    fail<FileError>("[tokenizer] {} has no tokens. Is the file complete?", file_);
  }
  const auto unused = std::ranges::count(entries_, false, &Entry::is_present);
  if (unused > kMaxUnused) {
    const auto first = std::ranges::find(entries_, false, &Entry::is_present) - entries_.begin();
    fail<FileError>(
        "[tokenizer] {}: no token has id {}; of the ids up to {}, {} have none, where at most {} "
        "may "
        "be unused. Are all tokenizer files from the same model, and complete?",
        file_, first, entries_.size() - 1, unused, kMaxUnused);
  }
}

std::optional<TokenId> Vocabulary::find(std::string_view piece) const {
  const auto it = ids_.find(piece);
  if (it == ids_.end()) return std::nullopt;
  return it->second;
}

bool Vocabulary::contains(TokenId id) const {
  return id >= 0 && static_cast<std::size_t>(id) < entries_.size() && entries_[id].is_present;
}

const Vocabulary::Entry& Vocabulary::entry(TokenId id) const {
  if (id < 0 || id >= size()) {
    fail<InputError>(
        "[tokenizer] the token id {} is outside the vocabulary of {} ({} tokens). Do the "
        "ids come from another model?",
        id, file_, entries_.size());
  }
  return entries_[id];
}

ByteTokens find_byte_tokens(const Vocabulary& vocabulary) {
  ByteTokens tokens;
  for (std::size_t byte = 0; byte < tokens.size(); ++byte) {
    tokens[byte] = vocabulary.find(fmt::format("<0x{:02X}>", byte));
  }
  return tokens;
}

bool append_byte_tokens(const ByteTokens& tokens, std::string_view text,
                        std::vector<TokenId>& ids) {
  const auto token = [&](char c) { return tokens[static_cast<unsigned char>(c)]; };
  if (!std::ranges::all_of(text, [&](char c) { return token(c).has_value(); })) return false;
  for (const char c : text) ids.push_back(*token(c));
  return true;
}

}  // namespace pangu::text
