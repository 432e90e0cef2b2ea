// SPDX-License-Identifier: Apache-2.0
// Candidates that no other one beats in everything.
#pragma once

#include <vector>

#include "adaptive/choose/candidates.h"

namespace pangu::adaptive {

/// Indices into `list` of those that no other candidate equals or beats in seconds per answer,
/// memory and quality (kept(), where items were answered) and beats in one of them, fastest first.
/// Candidates whose quality is lost, or open without any answered item, are left out.
std::vector<std::size_t> pareto_front(const std::vector<Candidate>& list);

}  // namespace pangu::adaptive
