// SPDX-License-Identifier: Apache-2.0
// ModelConfig and GenerationConfig from the keys of GGUF files, and back.
#pragma once

#include <string>
#include <vector>

#include "io/gguf_file.h"
#include "io/gguf_write.h"
#include "models/config/config.h"
#include "models/config/generation_config.h"

namespace pangu {

/// The config of a model in a GGUF file. Sizes come from the keys, vocabulary, tied head and biases
/// from the tensors that are there. Numbers stored as f32 are read as the shortest decimal that
/// rounds to them, so that 1e-5 is 1e-5 again.
/// Throws FileError if there are no weights, ConfigError for keys that are missing or cannot be,
/// Unsupported naming an architecture, expert layers, partial rotation or RoPE scaling that pangu
/// lacks.
ModelConfig gguf_model_config(const GgufContent& gguf);

/// Adds what gguf_model_config() and other readers need: general.architecture and the keys of the
/// architecture. `notes` gets a sentence for each thing that the format, or its other readers,
/// cannot express.
void put_model_config(const ModelConfig& config, GgufKeys& keys, std::vector<std::string>& notes);

/// The sampling advice of general.sampling.* and the end-of-text tokens; neutral defaults for what
/// is not there.
GenerationConfig gguf_generation_config(const GgufMetadata& gguf);

/// The reverse. End-of-text tokens are keys of the tokenizer: eos, eot and eom in the order of
/// `eos_ids`, of which more than three go into `notes`.
void put_generation_config(const GenerationConfig& config, GgufKeys& keys);
void put_end_tokens(const std::vector<TokenId>& eos_ids, GgufKeys& keys,
                    std::vector<std::string>& notes);
/// The ids of these three keys, without repetition.
std::vector<TokenId> gguf_end_tokens(const GgufMetadata& gguf);

}  // namespace pangu
