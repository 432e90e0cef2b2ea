// SPDX-License-Identifier: Apache-2.0
// The parts of a training step that inference has not: products of gradients, and attention over
// documents in both directions, in the shapes of pangu-nano and openPangu-Embedded-1B.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "kernels/document_attention/document_attention.h"
#include "kernels/gemm/gemm.h"

namespace pangu {
namespace {

/// Arguments: m, n, k, whether A is read by columns (gradients of weights) rather than by rows
/// (gradients of inputs), instruction set.
void gemm(benchmark::State& state) {
  const int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const bool by_columns = state.range(3) != 0;
  const auto isa = supported_isas()[static_cast<std::size_t>(state.range(4))];
  const std::vector<float> a(static_cast<std::size_t>(m * k), 1.0f);
  const std::vector<float> b(static_cast<std::size_t>(n * k), 1.0f);
  std::vector<float> c(static_cast<std::size_t>(m * n));
  const DType f32 = DType::kF32;
  ThreadPool pool(default_threads());
  for (auto _ : state) {
    kernels::gemm({.m = m,
                   .n = n,
                   .k = k,
                   .a = {a.data(), f32, by_columns ? 1 : k, by_columns ? m : 1},
                   .b = {b.data(), f32, 1, n},
                   .c = c.data(),
                   .c_stride = n,
                   .accumulate = true,
                   .arithmetic = f32},
                  {pool, isa});
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(
      2.0 * static_cast<double>(m * n * k) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate);
  state.SetLabel(std::string(name(isa)) + (by_columns ? " weights" : " inputs"));
}

void gradient_shapes(benchmark::internal::Benchmark* bench) {
  const std::vector<Isa> isas = supported_isas();
  for (int64_t level = 1; level < std::ssize(isas); ++level) {  // all but the reference
    bench->Args({1024, 256, 3072, 0, level});                   // nano: inputs of gate and up
    bench->Args({3072, 256, 1024, 1, level});                   // nano: their weights
    bench->Args({1024, 1536, 12288, 0, level});                 // 1B
    bench->Args({12288, 1536, 1024, 1, level});
  }
}

BENCHMARK(gemm)->Apply(&gradient_shapes)->UseRealTime()->Unit(benchmark::kMicrosecond);

/// Arguments: tokens of a document, heads, key/value heads, head size, whether with gradients.
void document_attention(benchmark::State& state) {
  const int64_t t = state.range(0), h = state.range(1), g = state.range(2), d = state.range(3);
  const bool backward = state.range(4) != 0;
  const auto floats = [](int64_t n) {
    return std::vector<float>(static_cast<std::size_t>(n), 0.1f);
  };
  const auto q = floats(t * h * d), k = floats(t * g * d), v = floats(t * g * d);
  auto y = floats(t * h * d), dq = floats(t * h * d), dk = floats(t * g * d),
       dv = floats(t * g * d);
  auto log_sums = floats(t * h);
  const kernels::DocumentRows document{0, t};
  const kernels::DocumentAttentionInput in{.q = q.data(),
                                           .k = k.data(),
                                           .v = v.data(),
                                           .q_stride = h * d,
                                           .k_stride = g * d,
                                           .v_stride = g * d,
                                           .n_heads = h,
                                           .n_kv_heads = g,
                                           .head_dim = d,
                                           .scale = 0.1f,
                                           .documents = {&document, 1}};
  ThreadPool pool(default_threads());
  const Executor on{pool, detected_isa()};
  kernels::document_attention({.in = in, .y = y.data(), .log_sums = log_sums.data()}, on);
  for (auto _ : state) {
    if (backward) {
      kernels::document_attention_backward({.in = in,
                                            .y = y.data(),
                                            .dy = y.data(),
                                            .log_sums = log_sums.data(),
                                            .dq = dq.data(),
                                            .dk = dk.data(),
                                            .dv = dv.data(),
                                            .dq_stride = h * d,
                                            .dk_stride = g * d,
                                            .dv_stride = g * d},
                                           on);
    } else {
      kernels::document_attention({.in = in, .y = y.data(), .log_sums = log_sums.data()}, on);
    }
    benchmark::ClobberMemory();
  }
  const double pairs = 0.5 * static_cast<double>(t * (t + 1)) * static_cast<double>(h * d);
  state.counters["FLOP/s"] =
      benchmark::Counter((backward ? 10.0 : 4.0) * pairs * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

BENCHMARK(document_attention)
    ->Args({512, 4, 2, 64, 0})
    ->Args({512, 4, 2, 64, 1})
    ->Args({4096, 12, 6, 128, 0})
    ->Args({4096, 12, 6, 128, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pangu
