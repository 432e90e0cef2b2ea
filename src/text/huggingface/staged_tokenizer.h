// SPDX-License-Identifier: Apache-2.0
// Tokenizers made of the stages of a tokenizer.json: normalizer, pre-tokenizer, then BPE or
// Unigram.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "text/bpe/bpe_model.h"
#include "text/pre_tokenizer/pretokenizer.h"
#include "text/pre_tokenizer/tokenizer_normalizer.h"
#include "text/tokenizer/tokenizer_basic.h"
#include "text/unigram/unigram_model.h"

namespace pangu::text {

/// What happens to a text before a model cuts its words into tokens.
struct TextStages {
  std::vector<NormalizerStep> normalizer;
  std::vector<PreTokenizerStep> pre_tokenizer;
};

/// Throws FileError if ids of the vocabulary are missing in numbers, or a merge or an id of `parts`
/// is not in it.
std::shared_ptr<const Tokenizer> make_bpe_tokenizer(TokenizerParts parts, TextStages stages,
                                                    const BpeParts& bpe);

/// Throws FileError as the above does.
std::shared_ptr<const Tokenizer> make_unigram_tokenizer(TokenizerParts parts, TextStages stages,
                                                        const UnigramParts& unigram);

}  // namespace pangu::text
