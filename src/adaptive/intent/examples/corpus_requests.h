// SPDX-License-Identifier: Apache-2.0
// Prompts of `pangu corpus` as labelled requests: pangu-nano's own world.
#pragma once

#include <cstdint>
#include <vector>

#include "adaptive/intent/examples/examples.h"
#include "corpus/record.h"

namespace pangu::adaptive {

/// `per_language` prompts of each family that is of a kind, in both languages: word problems as
/// math, knowledge, code, extraction, chat; from one split, so that what is trained on is not
/// tested.
std::vector<RequestExample> corpus_requests(int per_language, corpus::Split split,
                                            std::uint64_t seed);

}  // namespace pangu::adaptive
