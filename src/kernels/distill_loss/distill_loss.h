// SPDX-License-Identifier: Apache-2.0
// The losses of a student over rows of logits, with their gradients in place: the teacher's
// distribution and the true token are looked at in one go, so that logits are made once.
#pragma once

#include "kernels/variant.h"
#include "pangu/token.h"

namespace pangu::kernels {

/// What the loss of a row is made of, q = softmax(student / t) and p that of the teacher:
///   kl t^2 KL(p || q) + ce (-log softmax(student)[target])
/// Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531.
struct DistillMix {
  float temperature = 2;
  float kl = 1;
  float ce = 0;
};

struct StudentRows {
  float* logits =
      nullptr;  ///< [rows, n]; replaced by the gradient if `gradient`, else of no more use
  int64_t stride;
  int64_t rows, n;
  const TokenId* targets = nullptr;  ///< host: [rows], each in [0, n)
  DistillMix mix;
  float weight;  ///< of each row in the gradient
  bool gradient;
  float* losses = nullptr;  ///< host: [rows], mixed, without the weight
};

/// The teacher's logits are all known: gradient
///   weight (kl t (q - p) + ce (softmax(student) - onehot(target))).
struct DistillArgs {
  StudentRows student;
  const float* teacher = nullptr;  ///< [rows, n]
  int64_t teacher_stride;
};

/// Of p only the k likeliest tokens are known, and what all others have together. KL is that of
/// k + 1 outcomes, never more than that of all n, and the same where k is n (log sum inequality).
/// Its gradient takes the teacher to share its rest among the others as the student does.
struct DistillTopArgs {
  StudentRows student;
  const TokenId* ids = nullptr;      ///< host: [rows, k], each in [0, n), no two the same in a row
  const float* log_probs = nullptr;  ///< host: [rows, k], log p of these
  const float* log_others =
      nullptr;  ///< host: [rows], log of the sum of all other p; -inf where there is none
  int64_t k;
  float* scratch = nullptr;  ///< [rows, k]
};

using DistillRows = void(const DistillArgs& args, int64_t first, int64_t last);
DistillRows distill_ref, distill_avx2, distill_avx512, distill_neon;
using DistillTopRows = void(const DistillTopArgs& args, int64_t first, int64_t last);
DistillTopRows distill_top_ref, distill_top_avx2, distill_top_avx512, distill_top_neon;

void distill(const DistillArgs& args, const Executor& on);
void distill_top(const DistillTopArgs& args, const Executor& on);

}  // namespace pangu::kernels
