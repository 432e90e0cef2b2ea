// SPDX-License-Identifier: Apache-2.0
// Losses over rows of logits, with their gradients in place: the logits of a chunk of tokens are
// made, turned into gradients, used and forgotten.
#pragma once

#include <span>

#include "kernels/variant.h"
#include "pangu/token.h"

namespace pangu::kernels {

/// -log softmax(x)[target]; gradient weight (softmax(x) - onehot(target)).
struct CrossEntropyArgs {
  float* logits;  ///< [rows, n]; replaced by the gradient if `gradient`
  int64_t stride;
  int64_t rows, n;
  const TokenId* targets;  ///< [rows], each in [0, n)
  float weight;            ///< of each row in the gradient
  bool gradient;
  float* losses;  ///< [rows], without the weight
};

/// t^2 KL(softmax(teacher / t) || softmax(student / t)); gradient with respect to the student's
/// logits weight t (softmax(student / t) - softmax(teacher / t)).
/// Source: Hinton, Vinyals & Dean 2015, arXiv:1503.02531.
struct KlArgs {
  float* student;  ///< [rows, n]; replaced by the gradient if `gradient`
  int64_t student_stride;
  const float* teacher;  ///< [rows, n]
  int64_t teacher_stride;
  int64_t rows, n;
  float temperature;
  float weight;  ///< of each row in the gradient
  bool gradient;
  float* losses;  ///< [rows], without the weight
};

using CrossEntropyRows = void(const CrossEntropyArgs& args, int64_t first, int64_t last);
CrossEntropyRows cross_entropy_ref, cross_entropy_avx2, cross_entropy_avx512;
using KlRows = void(const KlArgs& args, int64_t first, int64_t last);
KlRows kl_ref, kl_avx2, kl_avx512;

void cross_entropy(const CrossEntropyArgs& args, const Executor& on);
void kl_divergence(const KlArgs& args, const Executor& on);

}  // namespace pangu::kernels
