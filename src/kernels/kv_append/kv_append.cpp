// SPDX-License-Identifier: Apache-2.0
// Scattered stores bound this kernel, not arithmetic, so one portable version serves every ISA.
#include "kernels/kv_append/kv_append.h"

#include "kernels/grain.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

void append_f32(const KvPages& p, const float* k, const float* v, std::int32_t page, int64_t slot,
                int64_t head) {
  auto* keys = reinterpret_cast<float*>(p.keys(page, head));
  auto* values = reinterpret_cast<float*>(p.values(page, head));
  for (int64_t d = 0; d < p.head_dim; ++d) {
    keys[d * kPagePositions + slot] = k[d];
    values[slot * p.padded_dim() + d] = v[d];
  }
}

void append_bf16(const KvPages& p, const float* k, const float* v, std::int32_t page, int64_t slot,
                 int64_t head) {
  auto* keys = reinterpret_cast<bf16*>(p.keys(page, head));
  auto* values =
      reinterpret_cast<bf16*>(p.values(page, head)) + slot / 2 * p.padded_dim() * 2 + slot % 2;
  for (int64_t d = 0; d < p.head_dim; ++d) {
    keys[(d / 2 * kPagePositions + slot) * 2 + d % 2] = to_bf16(k[d]);
    values[d * 2] = to_bf16(v[d]);
  }
}

}  // namespace

void kv_append(const KvAppendArgs& a, const Executor& on) {
  const auto append = a.pages.dtype == DType::kBF16 ? &append_bf16 : &append_f32;
  const KvPages& pages = a.pages;
  for (const SequenceRows& s : a.sequences) {
    const int64_t grain = tokens_per_task(2 * pages.n_kv_heads * pages.head_dim);
    on.threads.parallel_for(s.n_rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t position = s.start + i;
        const float* k = a.k + (s.first_row + i) * a.k_stride;
        const float* v = a.v + (s.first_row + i) * a.v_stride;
        for (int64_t h = 0; h < pages.n_kv_heads; ++h) {
          append(pages, k + h * pages.head_dim, v + h * pages.head_dim,
                 s.pages[position / kPagePositions], position % kPagePositions, h);
        }
      }
    });
  }
}

}  // namespace pangu::kernels
