// SPDX-License-Identifier: Apache-2.0
// Text to token ids and back. Tokenizers are read from Hugging Face folders, SentencePiece models,
// tokenizer.json files and GGUF files; docs/tokenizers.md says what is supported.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/token.h"

namespace pangu {

struct EncodeOptions {
  /// Whether the beginning-of-text token comes first; unset: as the tokenizer's own files say.
  std::optional<bool> add_bos = std::nullopt;
  /// Whether the end-of-text token comes last; unset: as the tokenizer's own files say.
  std::optional<bool> add_eos = std::nullopt;
  /// Whether the text of a special token ("<|im_end|>") becomes that token. Text that comes from a
  /// user must be encoded with false, or it could forge role markers.
  bool parse_special = true;
};

/// Part of a text, and whether special tokens are looked for in it.
struct TextPiece {
  std::string_view text;
  bool parse_special;
};

/// What decoding does with the space that encoding put before the first word.
enum class LeadingSpace {
  kKeep,
  kDropOnce,      ///< one space at the very beginning is dropped
  kDropPerRun,    ///< one space after each special token that is shown, too
  kDropAllPerRun  ///< as many as there are, there
};

/// A vocabulary and its rules. Immutable; every member may be called from any thread.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Ids are 0 ... vocab_size() - 1. A model may have more rows than that, for padding. Ids before
  /// the last may have no token: their piece is empty and they decode to nothing.
  virtual TokenId vocab_size() const = 0;
  virtual std::optional<TokenId> bos_id() const = 0;
  virtual std::optional<TokenId> eos_id() const = 0;
  virtual std::optional<TokenId> pad_id() const = 0;
  virtual std::optional<TokenId> unk_id() const = 0;

  /// Throws InputError if the text is not valid UTF-8, or asks for a token that does not exist.
  std::vector<TokenId> encode(std::string_view text, const EncodeOptions& options = {}) const {
    const TextPiece whole{text, options.parse_special};
    return encode(std::span(&whole, 1), options);
  }
  /// The pieces as one text, where each says for itself whether it may hold special tokens. Words
  /// that run across pieces are cut as in the whole text. `options.parse_special` is not looked at.
  virtual std::vector<TokenId> encode(std::span<const TextPiece> pieces,
                                      const EncodeOptions& options) const = 0;

  /// The text of the ids, always valid UTF-8: bytes that form no character become U+FFFD each.
  /// With skip_special, the ids that is_special() names leave no trace. Throws InputError for an id
  /// outside the vocabulary.
  std::string decode(std::span<const TokenId> ids, bool skip_special = true) const;

  /// The token as the vocabulary file spells it ("▁the", "Ġthe", "<0x0A>"). The three below throw
  /// InputError for an id outside the vocabulary.
  virtual const std::string& piece(TokenId id) const = 0;
  /// The bytes the token stands for (" the"); they need not be whole characters.
  virtual const std::string& bytes(TokenId id) const = 0;
  /// Whether decode() leaves the token out: bos, eos, pad and what else the files call special.
  virtual bool is_special(TokenId id) const = 0;
  /// The token spelled so by the vocabulary file.
  virtual std::optional<TokenId> id_of(std::string_view piece) const = 0;

  /// Jinja source of the chat template that came with the tokenizer; empty if none did.
  virtual const std::string& chat_template() const = 0;
  /// For people: "SentencePiece BPE", "byte-level BPE", ...
  virtual std::string kind() const = 0;

  // What StreamDecoder needs to know.

  virtual LeadingSpace leading_space() const = 0;
  /// Whether the token interrupts a run of words: it is shown as it is, and a new run begins.
  virtual bool ends_run(TokenId id) const = 0;
};

/// Decodes ids as they are generated. The concatenated results of push() and flush() are what
/// decode() gives for all ids at once, and none of them ends inside a character.
class StreamDecoder {
 public:
  explicit StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special = true);

  /// The next id goes on within a run of words: a space that it begins with is kept.
  void continue_run() { at_run_start_ = false; }
  /// Tells what came before, so that the text to come continues it (and keeps its leading space).
  void prime(std::span<const TokenId> ids);
  /// The text that this id completes; empty while a character is unfinished.
  std::string push(TokenId id);
  /// What is left: the bytes of an unfinished character, as U+FFFD. A new text may follow.
  std::string flush();

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  bool skip_special_;
  bool at_run_start_ = true;
  std::string pending_;
};

/// Reads a tokenizer from
/// - a folder in Hugging Face layout: tokenizer.json, else tokenizer.model, with
///   tokenizer_config.json, special_tokens_map.json, added_tokens.json and chat_template.jinja
///   where they exist; else its only GGUF model. A tokenizer.json with components that this version
///   does not know gives way to a tokenizer.model beside it, with a warning in the log;
/// - one of these files itself (the others are looked for beside it), or a GGUF file, whatever its
///   name, which may be any part of a split one;
/// - the bundled model of that name, where there is no such file.
/// Throws FileError or ConfigError for what is missing or damaged, Unsupported naming the component
/// for what this version does not know.
std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& path);

}  // namespace pangu
