// SPDX-License-Identifier: Apache-2.0
// Writes the keys and values of a batch into their cache pages.
#pragma once

#include <span>

#include "kernels/kv_pages.h"
#include "kernels/variant.h"

namespace pangu::kernels {

struct KvAppendArgs {
  const float* k = nullptr;  ///< [tokens, n_kv_heads, head_dim], heads contiguous
  int64_t k_stride;
  const float* v = nullptr;
  int64_t v_stride;
  KvPages pages;
  std::span<const SequenceRows> sequences;
  std::span<const std::int32_t> page_table;  ///< host: pages of every sequence
};

/// Stores in the format of the pages, floats rounded to nearest even. The pages must belong to
/// their sequence alone.
void kv_append(const KvAppendArgs& args, const Executor& on);

}  // namespace pangu::kernels
