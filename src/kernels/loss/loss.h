// SPDX-License-Identifier: Apache-2.0
// Cross-entropy over rows of logits, with its gradients in place: the logits of a chunk of tokens
// are made, turned into gradients, used and forgotten.
#pragma once

#include <span>

#include "kernels/variant.h"
#include "pangu/token.h"

namespace pangu::kernels {

/// -log softmax(x)[target]; gradient weight (softmax(x) - onehot(target)).
struct CrossEntropyArgs {
  float* logits = nullptr;  ///< [rows, n]; replaced by the gradient if `gradient`
  int64_t stride;
  int64_t rows, n;
  const TokenId* targets = nullptr;  ///< host: [rows], each in [0, n)
  float weight;                      ///< of each row in the gradient
  bool gradient;
  float* losses = nullptr;  ///< host: [rows], without the weight
};

using CrossEntropyRows = void(const CrossEntropyArgs& args, int64_t first, int64_t last);
CrossEntropyRows cross_entropy_ref, cross_entropy_avx2, cross_entropy_avx512, cross_entropy_neon;

void cross_entropy(const CrossEntropyArgs& args, const Executor& on);

}  // namespace pangu::kernels
