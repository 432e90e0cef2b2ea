// SPDX-License-Identifier: Apache-2.0
#include "kernels/rows/rows.h"

#include <algorithm>
#include <cstring>

#include "kernels/grain.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

template <class T>
void compare_rows(const SquaredDifferencesArgs& args, int64_t first, int64_t last) {
  for (int64_t r = first; r < last; ++r) {
    const T* a = static_cast<const T*>(args.a) + r * args.a_stride;
    const T* b = static_cast<const T*>(args.b) + r * args.b_stride;
    double sum = 0;
    for (int64_t i = 0; i < args.n; ++i) {
      const float d = to_f32(a[i]) - to_f32(b[i]);
      sum += double{d} * d;
      if (args.gradient) args.gradient[r * args.n + i] = args.scale * d;
    }
    args.sums[r] = sum / static_cast<double>(args.n);
  }
}

}  // namespace

void gather_rows(const GatherRowsArgs& args, const Executor& on) {
  const auto bytes = static_cast<std::size_t>(args.row_bytes);
  on.threads.parallel_for(
      args.rows, tokens_per_task(args.row_bytes / 4), [&](int64_t first, int64_t last) {
        for (int64_t r = first; r < last; ++r) {
          std::memcpy(static_cast<std::byte*>(args.y) + r * args.row_bytes,
                      static_cast<const std::byte*>(args.x) + args.at[r] * args.x_stride, bytes);
        }
      });
}

void unpack_rows(const UnpackRowsArgs& args, const Executor& on) {
  const PanelLayout& layout = format_info(args.format).cpu;
  on.threads.parallel_for(args.rows, 8, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      const int64_t row = args.ids ? args.ids[r] : args.first + r;
      const std::byte* const panel =
          args.weight + static_cast<std::size_t>(row / kPanelRows) * args.panel_bytes;
      layout.unpack_row(panel, row % kPanelRows, args.k, args.y + r * args.k);
    }
  });
}

void fill_rows(const FillRowsArgs& args, const Executor& on) {
  on.threads.parallel_for(args.rows, tokens_per_task(args.n), [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      std::fill_n(args.y + r * args.y_stride, args.n, args.value);
    }
  });
}

void round_to_bf16(const RoundToBf16Args& args, const Executor& on) {
  on.threads.parallel_for(args.count, 16384, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) static_cast<bf16*>(args.y)[i] = to_bf16(args.x[i]);
  });
}

void squared_differences(const SquaredDifferencesArgs& args, const Executor& on) {
  on.threads.parallel_for(args.rows, 8, [&](int64_t first, int64_t last) {
    args.dtype == DType::kBF16 ? compare_rows<bf16>(args, first, last)
                               : compare_rows<float>(args, first, last);
  });
}

}  // namespace pangu::kernels
