// SPDX-License-Identifier: Apache-2.0
// Scattered stores bound this kernel, not arithmetic, so one portable version serves every ISA.
// A task is what a batch adds to one head of one page: positions share bytes of 4-bit values.
#include "kernels/kv_append/kv_append.h"

#include <algorithm>
#include <cstring>

#include "kernels/grain.h"
#include "kernels/kv_append/kv_quantize.h"
#include "quant/code_panels.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

/// The panels of one head in one page.
struct Panels {
  const KvPages& pages;
  std::byte* keys;
  std::byte* values;
};

using AppendVectors = void(const Panels& p, const float* k, const float* v, int64_t slot);

void append_f32(const Panels& p, const float* k, const float* v, int64_t slot) {
  auto* keys = reinterpret_cast<float*>(p.keys) + slot;
  auto* values = reinterpret_cast<float*>(p.values) + slot * p.pages.padded_dim();
  for (int64_t d = 0; d < p.pages.head_dim; ++d) {
    keys[d * kPagePositions] = k[d];
    values[d] = v[d];
  }
}

void append_bf16(const Panels& p, const float* k, const float* v, int64_t slot) {
  auto* keys = reinterpret_cast<bf16*>(p.keys);
  auto* values = reinterpret_cast<bf16*>(p.values) + slot / 2 * p.pages.padded_dim() * 2 + slot % 2;
  for (int64_t d = 0; d < p.pages.head_dim; ++d) {
    keys[(d / 2 * kPagePositions + slot) * 2 + d % 2] = to_bf16(k[d]);
    values[d * 2] = to_bf16(v[d]);
  }
}

void append_int8(const Panels& p, const float* k, const float* v, int64_t slot) {
  const int64_t dim = p.pages.head_dim;
  std::int8_t codes[kMaxHeadDim];
  const float key_scale = quantize_int8(k, dim, codes);
  std::memcpy(p.keys + p.pages.key_code_bytes() + slot * 4, &key_scale, 4);
  for (int64_t d = 0; d < dim; d += 2) {
    std::memcpy(p.keys + byte_code_index(slot, d, kPagePositions), codes + d, 2);
  }
  const float value_scale = quantize_int8(v, dim, codes);
  std::memcpy(p.values + p.pages.value_code_bytes() + slot * 4, &value_scale, 4);
  for (int64_t d = 0; d < dim; ++d) {
    p.values[byte_code_index(d, slot, p.pages.padded_dim())] = static_cast<std::byte>(codes[d]);
  }
}

/// Codes of all groups of a vector; their scales go to `scales`, 32 positions for each group, and
/// behind those the minima.
void quantize_groups(const KvPages& pages, const float* x, int64_t slot, std::uint8_t* codes,
                     std::byte* scales) {
  const int64_t groups = pages.groups();
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t first = g * kKvGroup, n = std::min(kKvGroup, pages.head_dim - first);
    const Int4Scale s = quantize_int4(x + first, n, codes + first);
    std::memcpy(scales + (g * kPagePositions + slot) * 2, &s.scale, 2);
    std::memcpy(scales + ((groups + g) * kPagePositions + slot) * 2, &s.minimum, 2);
  }
}

void append_int4(const Panels& p, const float* k, const float* v, int64_t slot) {
  const int64_t dim = p.pages.head_dim;
  std::uint8_t codes[kMaxHeadDim + 8] = {};
  quantize_groups(p.pages, k, slot, codes, p.keys + p.pages.key_code_bytes());
  for (int64_t d = 0; d < dim; d += 8) {
    const std::uint32_t word = nibble_word(codes + d);
    std::memcpy(p.keys + nibble_word_offset(slot, d, kPagePositions), &word, 4);
  }
  quantize_groups(p.pages, v, slot, codes, p.values + p.pages.value_code_bytes());
  const int shift = nibble_shift(slot);
  auto* words = reinterpret_cast<std::uint32_t*>(p.values +
                                                 nibble_word_offset(0, slot, p.pages.padded_dim()));
  for (int64_t d = 0; d < dim; ++d) {
    words[d] = (words[d] & ~(0xFu << shift)) | std::uint32_t{codes[d]} << shift;
  }
}

AppendVectors* append_of(KvFormat format) {
  switch (format) {
    case KvFormat::kF32:
      return &append_f32;
    case KvFormat::kBF16:
      return &append_bf16;
    case KvFormat::kInt8:
      return &append_int8;
    case KvFormat::kInt4:
      break;
  }
  return &append_int4;
}

}  // namespace

void kv_append(const KvAppendArgs& a, const Executor& on) {
  AppendVectors* const append = append_of(a.pages.format);
  const int64_t heads = a.pages.n_kv_heads, dim = a.pages.head_dim;
  for (const SequenceRows& s : a.sequences) {
    if (s.n_rows == 0) continue;
    const std::int32_t* const table = a.page_table.data() + s.first_page;
    const int64_t first_page = s.start / kPagePositions, end = s.start + s.n_rows;
    const int64_t n_pages = (end - 1) / kPagePositions - first_page + 1;
    const int64_t grain = tokens_per_task(2 * dim * std::min(s.n_rows, kPagePositions));
    on.threads.parallel_for(n_pages * heads, grain, [&](int64_t begin, int64_t last) {
      for (int64_t i = begin; i < last; ++i) {
        const int64_t page = first_page + i / heads, head = i % heads;
        const Panels panels{a.pages, a.pages.keys(table[page], head),
                            a.pages.values(table[page], head)};
        for (int64_t p = std::max(s.start, page * kPagePositions);
             p < std::min(end, (page + 1) * kPagePositions); ++p) {
          const int64_t row = s.first_row + p - s.start;
          append(panels, a.k + row * a.k_stride + head * dim, a.v + row * a.v_stride + head * dim,
                 p % kPagePositions);
        }
      }
    });
  }
}

}  // namespace pangu::kernels
