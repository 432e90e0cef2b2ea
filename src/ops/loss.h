// SPDX-License-Identifier: Apache-2.0
// The loss of a language model, from the hidden states that enter its output head. The logits of a
// whole batch never exist: they are made for a few rows at a time, become their own gradients, and
// those go through the head at once.
#pragma once

#include <span>

#include "ops/linear.h"
#include "pangu/token.h"

namespace pangu::ops {

/// Rows whose logits exist at a time.
int64_t loss_rows(int64_t vocabulary);

/// Sum over rows of -log softmax(head(hidden))[target]. With a tape, adds `weight` times its
/// gradients to those of `hidden` and of the head.
/// hidden f32 or bf16 [R, E]; targets [R]. Throws ShapeError if the sizes differ, InputError for a
/// target outside the vocabulary.
double cross_entropy(const Tensor& hidden, const Linear& head, std::span<const TokenId> targets,
                     float weight, Context& ctx);

}  // namespace pangu::ops
