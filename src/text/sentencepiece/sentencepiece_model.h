// SPDX-License-Identifier: Apache-2.0
// The file format of SentencePiece models (sentencepiece_model.proto, protocol buffers), as far as
// a tokenizer must know it: to check a file before the library trusts it, to change the type of
// pieces, and to write a model for vocabularies that come from elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pangu::text {

struct SentencePieceModel {
  enum class Type : std::uint8_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6
  };
  struct Piece {
    std::string_view text;  ///< in the bytes that were parsed, or that the maker keeps
    float score = 0.0f;
    Type type = Type::kNormal;
  };

  std::vector<Piece> pieces;
  bool is_unigram = true;  ///< else BPE
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  std::string unk_surface = " \u2047 ";  ///< what the unknown token decodes to
  std::string_view charsmap;  ///< rewrites text before it is cut; empty if it is taken as it is
  std::string specs;          ///< trainer and normalizer settings as serialized fields

  /// Reads a model. `bytes` must outlive it; `file` names it in messages. Throws FileError for
  /// damage of any kind, also in the character map that the library would follow blindly;
  /// Unsupported for word and character models, suffix spaces and denormalization.
  static SentencePieceModel parse(std::string_view bytes, const std::string& file);

  /// Settings for BPE pieces, with byte fallback if asked; the other members say the rest.
  void set_bpe_specs(bool byte_fallback);
  /// Overrides the dummy prefix.
  void set_add_dummy_prefix(bool value);

  std::string serialize() const;
};

}  // namespace pangu::text
