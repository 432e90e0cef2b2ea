// SPDX-License-Identifier: Apache-2.0
#include "text/sentencepiece/sentencepiece_tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/error.h"
#include "io/lfs_pointer.h"
#include "io/mapped_file.h"

// Exported by the library, but missing from its header.
namespace sentencepiece::logging {
void SetMinLogLevel(int level);  // NOLINT(readability-identifier-naming)
}

namespace pangu::text {
namespace {

using Type = SentencePieceModel::Type;
using Piece = SentencePieceModel::Piece;

constexpr std::string_view kSpaceMark = "\u2581";

/// What a piece decodes to.
std::string decoded(const Piece& piece, const SentencePieceModel& model) {
  if (piece.type == Type::kUnknown) return model.unk_surface;
  if (piece.type == Type::kByte) {
    unsigned value = 0;
    const std::string_view digits = piece.text.size() == 6 ? piece.text.substr(3, 2) : "";
    std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return {static_cast<char>(value)};
  }
  std::string text;
  for (std::size_t at = 0; at < piece.text.size();) {
    if (piece.text.substr(at).starts_with(kSpaceMark)) {
      text += ' ';
      at += kSpaceMark.size();
    } else {
      text += piece.text[at++];
    }
  }
  return text;
}

class SentencePieceTokenizer final : public BasicTokenizer {
 public:
  SentencePieceTokenizer(TokenizerParts parts, std::string_view model, bool prefix_first_only)
      : BasicTokenizer(std::move(parts)), prefix_first_only_(prefix_first_only) {
    // By default the library reports on stderr; its errors come back as a status as well.
    sentencepiece::logging::SetMinLogLevel(4);
    std::string reason;
    try {
      const auto status = processor_.LoadFromSerializedProto(model);
      if (!status.ok()) reason = status.message();
    } catch (const std::exception& error) {  // its trie throws where its protocol does not say so
      reason = error.what();
    }
    if (!reason.empty()) {
      fail<FileError>(
          "[sentencepiece] {} is refused by libsentencepiece: {}. Use the file that came "
          "with the model.",
          vocabulary().file(), reason);
    }
  }

 protected:
  void encode_stretch(std::string text, bool is_first, RegexWork&,
                      std::vector<TokenId>& ids) const override {
    if (prefix_first_only_ && is_first) text.insert(0, " ");
    std::vector<int> found;
    const auto status = processor_.Encode(text, &found);
    if (!status.ok()) {
      fail<InputError>("[sentencepiece] the text of {} bytes cannot be tokenized: {}. Split it.",
                       text.size(), status.message());
    }
    ids.insert(ids.end(), found.begin(), found.end());
  }

 private:
  sentencepiece::SentencePieceProcessor processor_;
  bool prefix_first_only_;
};

std::optional<TokenId> control_piece(const SentencePieceModel& model, std::string_view text) {
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const Piece& piece = model.pieces[id];
    if (piece.type == Type::kControl && piece.text == text) return static_cast<TokenId>(id);
  }
  return std::nullopt;
}

/// Adds the pieces that never come from text, unless the configuration speaks of them.
void add_control_tokens(const SentencePieceModel& model, TokenizerParts& parts) {
  std::set<TokenId> known;
  for (const AddedToken& token : parts.added) known.insert(token.id);
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    AddedToken token;
    token.id = static_cast<TokenId>(id);
    if (model.pieces[id].type != Type::kControl || known.contains(token.id)) continue;
    token.content = model.pieces[id].text;
    token.special = true;
    parts.special.push_back(token.id);
    parts.added.push_back(std::move(token));
  }
}

LeadingSpace leading_space_of(const SentencePieceModel& model) {
  if (model.remove_extra_whitespaces) return LeadingSpace::kDropAllPerRun;
  return model.add_dummy_prefix ? LeadingSpace::kDropPerRun : LeadingSpace::kKeep;
}

}  // namespace

void fill_vocabulary(const SentencePieceModel& model, TokenizerParts& parts) {
  // Added tokens first, because they rename pieces; then every piece whose id is still free.
  Vocabulary& vocabulary = parts.vocabulary;
  vocabulary.reserve(model.pieces.size() + parts.added.size());
  for (const AddedToken& token : parts.added) {
    vocabulary.put(token.id, token.content, token.content);
  }
  for (std::size_t i = 0; i < model.pieces.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (vocabulary.contains(id)) continue;
    vocabulary.put(id, model.pieces[i].text, decoded(model.pieces[i], model));
  }
}

std::shared_ptr<const Tokenizer> make_sentencepiece(SentencePieceModel model, TokenizerParts parts,
                                                    bool prefix_first_stretch_only) {
  parts.leading_space =
      prefix_first_stretch_only ? LeadingSpace::kDropOnce : leading_space_of(model);
  parts.kind = model.is_unigram ? "SentencePiece unigram" : "SentencePiece BPE";
  for (const AddedToken& token : parts.added) {
    if (!token.special || token.id >= static_cast<TokenId>(model.pieces.size())) continue;
    // Where special tokens are not parsed, the model must not spell them from text either.
    Type& type = model.pieces[token.id].type;
    if (type == Type::kNormal || type == Type::kUserDefined) type = Type::kUnused;
  }
  if (prefix_first_stretch_only) model.set_add_dummy_prefix(false);
  return std::make_shared<SentencePieceTokenizer>(std::move(parts), model.serialize(),
                                                  prefix_first_stretch_only);
}

std::shared_ptr<const Tokenizer> make_sentencepiece(std::string_view bytes, const std::string& file,
                                                    TokenizerConfig config) {
  refuse_lfs_pointer(bytes, file);
  SentencePieceModel model = SentencePieceModel::parse(bytes, file);
  TokenizerParts parts(file);
  parts.added = config.added;
  for (AddedToken& token : parts.added) token.normalized = false;
  add_control_tokens(model, parts);

  fill_vocabulary(model, parts);
  const auto role = [&](const std::optional<std::string>& text, std::string_view usual) {
    return text ? config.id_of(text, parts.vocabulary) : control_piece(model, usual);
  };
  parts.bos = role(config.bos, "<s>");
  parts.eos = role(config.eos, "</s>");
  parts.pad = role(config.pad, "<pad>");
  parts.unk = config.id_of(config.unk, parts.vocabulary);
  if (parts.unk) parts.special.push_back(*parts.unk);
  for (const std::string& other : config.other_special) {
    parts.special.push_back(*config.id_of(other, parts.vocabulary));
  }
  for (std::size_t id = 0; id < model.pieces.size() && !parts.unk; ++id) {
    if (model.pieces[id].type == Type::kUnknown) parts.unk = static_cast<TokenId>(id);
  }
  parts.chat_template = config.chat_template;
  if (config.add_bos.value_or(true) && parts.bos) parts.prefix = {*parts.bos};
  if (config.add_eos.value_or(false) && parts.eos) parts.suffix = {*parts.eos};

  const bool modern = config.legacy.has_value() && !*config.legacy;
  if (modern && model.remove_extra_whitespaces) {
    fail<Unsupported>(
        "[tokenizer] {}: legacy is false for a model that removes extra spaces. This "
        "combination is not supported.",
        file);
  }
  const bool prefix_first = modern && config.add_prefix_space.value_or(true);
  if (modern && !prefix_first) model.set_add_dummy_prefix(false);
  return make_sentencepiece(std::move(model), std::move(parts), prefix_first);
}

std::shared_ptr<const Tokenizer> load_sentencepiece(const std::filesystem::path& path,
                                                    TokenizerConfig config) {
  const MappedFile file(path);
  return make_sentencepiece({reinterpret_cast<const char*>(file.data()), file.size()},
                            path.string(), std::move(config));
}

}  // namespace pangu::text
