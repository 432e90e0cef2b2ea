// SPDX-License-Identifier: Apache-2.0
// Prompt lookup decoding: what followed the last tokens where they stood before.
// Source: Saxena 2023, apoorvumang/prompt-lookup-decoding.
#pragma once

#include "runtime/speculation/drafter.h"

namespace pangu {

/// Looks for the last `max_n` tokens, or fewer. Throws ConfigError as NGramMatcher does.
std::unique_ptr<Drafter> make_lookup_drafter(int max_n);

}  // namespace pangu
