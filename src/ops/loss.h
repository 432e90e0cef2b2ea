// SPDX-License-Identifier: Apache-2.0
// Losses of a language model, from the hidden states that enter its output head. The logits of a
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

/// The model that a student learns from; its head may have another width, but the same vocabulary.
struct Teacher {
  const Tensor& hidden;  ///< [R, E']
  const Linear& head;
};

/// Sum over rows of t^2 KL(softmax(teacher / t) || softmax(student / t)). With a tape, adds
/// `weight` times its gradients to those of the student's hidden states and head.
/// Throws ShapeError if rows or vocabularies differ, ConfigError unless the temperature is
/// positive. Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531.
double kl_divergence(const Tensor& hidden, const Linear& head, const Teacher& teacher,
                     float temperature, float weight, Context& ctx);

}  // namespace pangu::ops
