// SPDX-License-Identifier: Apache-2.0
// What followed the longest end of the text that occurred before, in this text or in earlier
// replies of the process: a tree of continuations, likelier ones first.
// Source: Oliaro et al. 2025, "SuffixDecoding" (NeurIPS 2025, arXiv:2411.04975), with a suffix
// automaton in place of suffix trees.
#pragma once

#include "runtime/speculation/drafter.h"

namespace pangu {

std::unique_ptr<Drafter> make_suffix_drafter();

}  // namespace pangu
