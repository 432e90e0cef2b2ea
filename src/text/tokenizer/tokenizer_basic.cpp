// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/tokenizer_basic.h"

#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu::text {
namespace {

// Scanning costs text length times the longest token; no real one comes near this.
constexpr std::size_t kMaxAddedTokenBytes = 1024;

void check_added(const AddedToken& token, const std::string& file) {
  if (token.content.empty() || token.content.size() > kMaxAddedTokenBytes ||
      utf8::find_invalid(token.content) != utf8::npos) {
    fail<FileError>(
        "[tokenizer] {}: the added token with id {} has {} bytes; 1 to {} bytes of UTF-8 "
        "were expected. Correct or remove it.",
        file, token.id, token.content.size(), kMaxAddedTokenBytes);
  }
}

/// What comes before or after the text: as the caller asks, else as the files say.
std::vector<TokenId> frame(std::optional<bool> wanted, const std::vector<TokenId>& by_default,
                           std::optional<TokenId> id, std::string_view name) {
  if (!wanted.value_or(true)) return {};
  if (!wanted || !by_default.empty()) return by_default;
  if (!id) {
    fail<InputError>(
        "[tokenizer] add_{0} was asked for, but this tokenizer has no {0} token. Leave "
        "the option unset.",
        name);
  }
  return {*id};
}

}  // namespace

BasicTokenizer::BasicTokenizer(TokenizerParts parts) : parts_(std::move(parts)) {
  Vocabulary& vocabulary = parts_.vocabulary;
  std::vector<AddedToken> raw;
  for (const AddedToken& token : parts_.added) {
    check_added(token, vocabulary.file());
    vocabulary.mark_run_end(token.id);
    if (!token.normalized) raw.push_back(token);
  }
  for (const auto& id : {parts_.bos, parts_.eos, parts_.pad}) {
    if (id) vocabulary.mark_special(*id);
  }
  for (const auto& ids : {parts_.special, parts_.prefix, parts_.suffix}) {
    for (const TokenId id : ids) vocabulary.mark_special(id);
  }
  vocabulary.seal();
  if (parts_.unk) vocabulary.bytes(*parts_.unk);  // throws if outside
  raw_matcher_ = AddedTokenMatcher(std::move(raw));
}

std::string BasicTokenizer::normalize(std::string_view text, RegexWork&) const {
  return std::string(text);
}

void BasicTokenizer::index_normalized_tokens() {
  std::size_t bytes = 0;
  for (const AddedToken& token : parts_.added) bytes += token.content.size();
  RegexWork work(bytes);
  std::vector<AddedToken> normalized;
  for (AddedToken token : parts_.added) {
    if (!token.normalized) continue;
    token.content = normalize(token.content, work);
    if (!token.content.empty()) normalized.push_back(std::move(token));
  }
  normalized_matcher_ = AddedTokenMatcher(std::move(normalized));
}

std::vector<TokenId> BasicTokenizer::encode(std::span<const TextPiece> pieces,
                                            const EncodeOptions& options) const {
  std::string text;
  for (const TextPiece& piece : pieces) text += piece.text;
  utf8::require_valid(text, "the text to tokenize");

  // Stretches without added tokens that touch are one: a word does not end where a piece does.
  struct Stretch {
    Segment segment;
    bool parse_special;
  };
  std::vector<Stretch> stretches;
  std::size_t begin = 0;
  for (const TextPiece& piece : pieces) {
    const std::string_view part = std::string_view(text).substr(begin, piece.text.size());
    begin += piece.text.size();
    for (const Segment& s : raw_matcher_.split(part, piece.parse_special)) {
      Stretch* last = stretches.empty() ? nullptr : &stretches.back();
      if (last && s.id < 0 && last->segment.id < 0 &&
          last->segment.text.data() + last->segment.text.size() == s.text.data()) {
        last->segment.text = {last->segment.text.data(), last->segment.text.size() + s.text.size()};
        last->parse_special = last->parse_special && piece.parse_special;
      } else {
        stretches.push_back({s, piece.parse_special});
      }
    }
  }

  RegexWork work(text.size());
  std::vector<TokenId> ids = frame(options.add_bos, parts_.prefix, parts_.bos, "bos");
  const std::vector<TokenId> tail = frame(options.add_eos, parts_.suffix, parts_.eos, "eos");
  for (const auto& [segment, parse_special] : stretches) {
    if (segment.id >= 0) {
      ids.push_back(segment.id);
    } else {
      encode_text(segment.text, parse_special, segment.text.data() == text.data(), work, ids);
    }
  }
  ids.insert(ids.end(), tail.begin(), tail.end());
  return ids;
}

void BasicTokenizer::encode_text(std::string_view text, bool parse_special, bool is_first,
                                 RegexWork& work, std::vector<TokenId>& ids) const {
  std::string normalized = normalize(text, work);
  if (normalized_matcher_.empty()) {
    if (!normalized.empty()) encode_stretch(std::move(normalized), is_first, work, ids);
    return;
  }
  for (const Segment& segment : normalized_matcher_.split(normalized, parse_special)) {
    if (segment.id >= 0) {
      ids.push_back(segment.id);
    } else {
      const bool begins_text = is_first && segment.text.data() == normalized.data();
      encode_stretch(std::string(segment.text), begins_text, work, ids);
    }
  }
}

}  // namespace pangu::text
