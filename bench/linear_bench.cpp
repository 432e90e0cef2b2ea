// SPDX-License-Identifier: Apache-2.0
// Matrix products in the shapes of openPangu-Embedded-1B: bytes and operations per second, for one
// row (decoding), a few (verifying a draft) and many (prefill).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "devices/cpu/cpu_device.h"
#include "kernels/linear/linear.h"
#include "quant/packed_matrix.h"

namespace pangu {
namespace {

/// Arguments: rows, outputs, inputs, weight format, instruction set. As many copies of the matrix
/// as make it larger than the caches take turns, so that decoding reads memory as it does in a
/// model.
void linear_layer(benchmark::State& state) {
  const int64_t rows = state.range(0), n = state.range(1), k = state.range(2);
  const auto format = static_cast<WeightFormat>(state.range(3));
  const auto isa = supported_isas()[static_cast<std::size_t>(state.range(4))];
  constexpr std::size_t kBeyondCaches = std::size_t{256} << 20;
  std::vector<PackedMatrix> copies;
  for (std::size_t bytes = 0; bytes < kBeyondCaches; bytes += copies.back().bytes()) {
    copies.emplace_back(PackedForm{cpu_device(), format, format_info(format).cpu}, n, k);
    // Ordinary numbers in every field of every format.
    std::fill_n(copies.back().buffer()->address(), copies.back().bytes(), std::byte{0x2C});
  }
  const std::vector<std::uint16_t> x(static_cast<std::size_t>(rows * k), 0x3F80);
  std::vector<float> y(static_cast<std::size_t>(rows * n));
  ThreadPool pool(default_threads());
  std::size_t turn = 0;
  for (auto _ : state) {
    const PackedMatrix& w = copies[turn++ % copies.size()];
    kernels::linear({.weight = w.buffer()->address(),
                     .panel_bytes = w.panel_bytes(),
                     .format = format,
                     .n_out = n,
                     .k = k,
                     .x = x.data(),
                     .x_dtype = DType::kBF16,
                     .x_stride = k,
                     .rows = rows,
                     .bias = nullptr,
                     .residual = nullptr,
                     .residual_stride = 0,
                     .y = y.data(),
                     .y_stride = n},
                    {pool, isa});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(copies.front().bytes()));
  state.counters["FLOP/s"] = benchmark::Counter(
      2.0 * static_cast<double>(rows * n * k) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
  state.SetLabel(std::string(name(isa)) + " " + std::string(format_info(format).name));
}

void every_format(benchmark::internal::Benchmark* bench) {
  for (const FormatInfo& format : weight_formats()) {
    const std::vector<Isa> isas = supported_isas();
    for (int64_t level = 1; level < std::ssize(isas); ++level) {  // all but the reference
      for (const int64_t rows : {1, 2, 4, 5, 8, 512}) {
        bench->Args({rows, 12288, 1536, static_cast<int64_t>(format.format), level});
      }
    }
  }
}

BENCHMARK(linear_layer)->Apply(&every_format)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pangu
