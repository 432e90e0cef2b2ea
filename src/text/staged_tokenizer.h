// SPDX-License-Identifier: Apache-2.0
// Tokenizers made of the stages of a tokenizer.json: normalizer, pre-tokenizer, BPE.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/bpe_model.h"
#include "text/pretokenizer.h"
#include "text/tokenizer_basic.h"
#include "text/tokenizer_normalizer.h"

namespace pangu::text {

struct BpeStages {
  std::vector<NormalizerStep> normalizer;
  std::vector<PreTokenizerStep> pre_tokenizer;
  std::vector<BpeModel::Merge> merges;  ///< views that need to live during construction only
  BpeOptions options;
};

/// Throws FileError if the vocabulary has gaps, or a merge or an id of `parts` is not in it.
std::shared_ptr<const Tokenizer> make_bpe_tokenizer(TokenizerParts parts, BpeStages stages);

}  // namespace pangu::text
