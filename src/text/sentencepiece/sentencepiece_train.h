// SPDX-License-Identifier: Apache-2.0
// New SentencePiece vocabularies, in the layout of openPangu's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pangu::text {

struct SentencePieceTraining {
  enum class Kind : std::uint8_t { kBpe, kUnigram };
  Kind kind = Kind::kBpe;
  int vocab_size = 4096;
  /// Share of all characters that get a piece of their own, from 0.98 to 1; the others are spelled
  /// in bytes.
  double character_coverage = 0.9995;
  /// Chinese characters stay alone, as digits do. Chinese has no spaces, so that from little or
  /// uniform text whole phrases would become pieces, and one word would be cut in many ways.
  bool split_han = false;
};

/// The special tokens behind <unk> 0, <s> 1 and </s> 2, at the ids from 3 on.
std::vector<std::string> openpangu_control_tokens();

/// Trains a model and returns the bytes of its file. Texts are taken as they are: no normalization,
/// no space lost, digits one by one, characters without a piece in bytes, newlines always so; a
/// space is put before every text. `lines` are the lines of the texts, without their ends; the
/// first line of a text begins with the space that stands before it. The same lines give the same
/// bytes.
/// Throws InputError for lines without any text, a vocabulary that is too small for the characters
/// or too large for the data, and what else the library refuses.
std::string train_sentencepiece(const std::vector<std::string>& lines,
                                const SentencePieceTraining& options);

}  // namespace pangu::text
