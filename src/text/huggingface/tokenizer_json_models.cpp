// SPDX-License-Identifier: Apache-2.0
#include "text/huggingface/tokenizer_json_models.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "base/clipped.h"
#include "base/error.h"
#include "text/bpe/bpe_byte_level.h"

namespace pangu::text {
namespace {

/// "<0x0A>" as the byte it names.
std::optional<char> byte_of(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, value, 16);
  if (error != std::errc() || end != piece.data() + 5) return std::nullopt;
  return static_cast<char>(value);
}

// Replacements may make a piece so many times longer, and a short one a little more: any number of
// them in a chain must not multiply the vocabulary.
constexpr std::size_t kMaxPieceGrowth = 8, kAlwaysAllowedPieceBytes = 64;

std::string replace_all(const std::string& text, const std::string& from, const std::string& to) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = 0; (at = text.find(from, done)) != std::string::npos;) {
    out.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  return out.append(text, done);
}

/// The bytes that a piece of the model's vocabulary stands for.
std::string decoded(const std::string& piece, const DecoderFacts& facts, const std::string& file) {
  if (facts.byte_level) return from_byte_level(piece);
  std::string text = piece;
  for (const auto& [from, to] : facts.replacements) {
    text = replace_all(text, from, to);
    if (text.size() > piece.size() * kMaxPieceGrowth + kAlwaysAllowedPieceBytes) {
      fail<FileError>(
          "[tokenizer] {}: the decoder makes the token '{}' of {} bytes {} bytes long; at most {} "
          "times its length and {} bytes were expected. Is the file damaged?",
          file, clipped(piece), piece.size(), text.size(), kMaxPieceGrowth,
          kAlwaysAllowedPieceBytes);
    }
  }
  if (facts.byte_fallback) {
    if (const auto byte = byte_of(text)) return {*byte};
  }
  return text;
}

void read_bpe_vocabulary(const JsonObject& model, const DecoderFacts& facts,
                         Vocabulary& vocabulary) {
  const JsonObject pieces = model.get_object("vocab");
  vocabulary.reserve(pieces.json().size());
  for (const auto& [piece, value] : pieces.json().items()) {
    const auto id = pieces.get_int(piece, 0, Vocabulary::kMaxTokens - 1);
    vocabulary.put(static_cast<TokenId>(id), piece, decoded(piece, facts, model.file()));
  }
}

BpeOptions read_options(const JsonObject& model, const Vocabulary& vocabulary) {
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!model.get_string_or(key, "").empty()) {
      fail<Unsupported>("[tokenizer] {}: the BPE model has {} \"{}\", which is not supported.",
                        model.file(), key, clipped(model.get_string(key)));
    }
  }
  if (model.get_number_or("dropout", 0, 0, 1) != 0) {
    fail<Unsupported>(
        "[tokenizer] {}: the BPE model has dropout {}, which makes ids random; it is "
        "for training only. Set it to null.",
        model.file(), model.get_number("dropout", 0, 1));
  }
  BpeOptions options;
  if (model.contains("unk_token")) {
    options.unk_id = vocabulary.find(model.get_string("unk_token"));
    if (!options.unk_id) model.reject("unk_token", "a token of the vocabulary");
  }
  options.fuse_unk = model.get_bool_or("fuse_unk", false);
  options.byte_fallback = model.get_bool_or("byte_fallback", false);
  options.ignore_merges = model.get_bool_or("ignore_merges", false);
  return options;
}

/// Merges are written "a b" or, where pieces may hold spaces, ["a", "b"].
std::vector<BpeParts::Merge> read_merges(const JsonObject& model) {
  const Json* list = model.find("merges");
  if (!list || !list->is_array()) model.reject("merges", "an array of merges");
  std::vector<BpeParts::Merge> merges;
  merges.reserve(list->size());
  for (const Json& entry : *list) {
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
      merges.emplace_back(entry[0].get_ref<const std::string&>(),
                          entry[1].get_ref<const std::string&>());
      continue;
    }
    const std::string_view text =
        entry.is_string() ? std::string_view(entry.get_ref<const std::string&>()) : "";
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
      fail<ConfigError>(
          "[tokenizer] {}: merge {} is {}; two pieces, as \"a b\" or [\"a\", \"b\"], "
          "were expected. Use the file that came with the model.",
          model.file(), merges.size(), describe(entry));
    }
    merges.emplace_back(text.substr(0, space), text.substr(space + 1));
  }
  return merges;
}

}  // namespace

BpeParts read_bpe_model(const JsonObject& model, const DecoderFacts& facts,
                        Vocabulary& vocabulary) {
  read_bpe_vocabulary(model, facts, vocabulary);
  return {.merges = read_merges(model), .options = read_options(model, vocabulary)};
}

UnigramParts read_unigram_model(const JsonObject& model, const DecoderFacts& facts,
                                Vocabulary& vocabulary) {
  const Json* list = model.find("vocab");
  if (!list || !list->is_array()) model.reject("vocab", "an array of [piece, score]");
  UnigramParts parts;
  vocabulary.reserve(list->size());
  parts.scores.reserve(list->size());
  for (const Json& entry : *list) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number()) {
      fail<ConfigError>(
          "[tokenizer] {}: token {} of the vocabulary is {}; [piece, score] was expected. Use the "
          "file that came with the model.",
          model.file(), parts.scores.size(), describe(entry));
    }
    const auto& piece = entry[0].get_ref<const std::string&>();
    vocabulary.put(static_cast<TokenId>(parts.scores.size()), piece,
                   decoded(piece, facts, model.file()));
    parts.scores.push_back(entry[1].get<double>());
  }
  if (model.contains("unk_id")) {
    const auto last = static_cast<std::int64_t>(parts.scores.size()) - 1;
    parts.unk_id = static_cast<TokenId>(model.get_int("unk_id", 0, last));
  }
  parts.byte_fallback = model.get_bool_or("byte_fallback", false);
  return parts;
}

}  // namespace pangu::text
