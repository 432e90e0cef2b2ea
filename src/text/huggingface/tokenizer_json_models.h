// SPDX-License-Identifier: Apache-2.0
// The "model" of a tokenizer.json: its vocabulary and how words become tokens of it.
#pragma once

#include "io/json.h"
#include "text/bpe/bpe_model.h"
#include "text/huggingface/tokenizer_json.h"
#include "text/tokenizer/tokenizer_vocabulary.h"
#include "text/unigram/unigram_model.h"

namespace pangu::text {

// All throw ConfigError for values of the wrong type, FileError for tokens that contradict each
// other, Unsupported for options that are not known.

/// Reads a "BPE" and fills the vocabulary. The merges are views into the JSON.
BpeParts read_bpe_model(const JsonObject& model, const DecoderFacts& facts, Vocabulary& vocabulary);

/// Reads a "Unigram" and fills the vocabulary.
UnigramParts read_unigram_model(const JsonObject& model, const DecoderFacts& facts,
                                Vocabulary& vocabulary);

}  // namespace pangu::text
