// SPDX-License-Identifier: Apache-2.0
// The same request, worse typed or put in other words: what must not change how it is taken.
#pragma once

#include <cstdint>
#include <string>

#include "adaptive/intent/features/request.h"

namespace pangu::adaptive {

/// With a typing error in every tenth word on average, at least in one: letters that change places,
/// are missing, doubled or their neighbours on the keyboard; of Han characters, every tenth is
/// missing, doubled or changes places with the next. The same for the same text and seed.
Request with_typos(const Request& request, std::uint64_t seed);

/// What people put around requests, of which there are 2 ways for each language.
inline constexpr int kParaphrases = 2;
Request paraphrased(const Request& request, int way);

}  // namespace pangu::adaptive
