// SPDX-License-Identifier: Apache-2.0
// Drafts of a model: a smaller one with the same tokenizer, or the first layers of the target.
// Sources: Leviathan et al. 2023 (arXiv:2211.17192), Zhang et al. 2024, "Draft & Verify"
// (arXiv:2309.08168) for the target's own layers.
//
// A draft model chooses its tokens with the request's own sampler: the same options, and the same
// random number at each position. Where both models give a token about the same probability, they
// draw the same one (Daliri et al. 2024, arXiv:2408.07978).
#pragma once

#include "runtime/cache/kv_cache.h"
#include "runtime/model.h"
#include "runtime/speculation/drafter.h"

namespace pangu {

/// A smaller model with a cache of its own for `positions` positions over all sequences. Model and
/// context must outlive it. Throws OutOfMemory if the cache does not fit.
std::unique_ptr<Drafter> make_model_drafter(const Model& draft, Context& ctx,
                                            std::int64_t positions, KvFormat kv);

/// The first `layers` layers of the target, with its norm and head, on the target's own cache.
/// Throws ConfigError unless 0 < layers < all.
std::unique_ptr<Drafter> make_self_drafter(const Model& target, Context& ctx, std::int64_t layers,
                                           KvCache& cache);

/// Throws ConfigError unless every token of the draft's vocabulary is the target's.
void check_draft_vocabulary(const Vocabulary& draft, const Vocabulary& target);

}  // namespace pangu
