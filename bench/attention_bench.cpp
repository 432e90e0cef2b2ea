// SPDX-License-Identifier: Apache-2.0
// Attention in the shape of openPangu-Embedded-1B over a cache of some length: decoding, where the
// cache is read from memory, and prefill in chunks, where arithmetic counts.
#include <benchmark/benchmark.h>

#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "devices/cpu/cpu_device.h"
#include "kernels/kv_append/kv_append.h"
#include "kernels/paged_attention/paged_attention.h"
#include "tensor/buffer.h"

namespace pangu {
namespace {

constexpr int64_t kHeads = 12, kKvHeads = 6, kHeadDim = 128;

/// The caches of several layers, filled by the append kernel.
class Layers {
 public:
  Layers(KvFormat format, int64_t length, std::size_t n_layers) : length_(length) {
    const int64_t n_pages = (length + kernels::kPagePositions - 1) / kernels::kPagePositions;
    table_.resize(static_cast<std::size_t>(n_pages));
    std::iota(table_.begin(), table_.end(), 0);
    std::mt19937 rng(1);
    std::normal_distribution<float> normal;
    std::vector<float> kv(static_cast<std::size_t>(length * kKvHeads * kHeadDim));
    for (float& x : kv) x = normal(rng);
    ThreadPool pool(default_threads());
    for (std::size_t l = 0; l < n_layers; ++l) {
      pages_.push_back({nullptr, format, kHeadDim, kKvHeads});
      memory_.push_back(allocate_buffer(
          cpu_device(), pages_[l].page_bytes() * static_cast<std::size_t>(n_pages)));
      pages_[l].base = memory_[l]->address();
      const kernels::SequenceRows rows{0, length, 0, 0};
      constexpr int64_t kWidth = kKvHeads * kHeadDim;
      kernels::kv_append(
          {kv.data(), kWidth, kv.data(), kWidth, pages_[l], std::span(&rows, 1), table_},
          {pool, detected_isa()});
    }
  }

  /// The last `n` positions.
  kernels::SequenceRows last(int64_t n) const { return {0, n, length_ - n, 0}; }
  std::span<const std::int32_t> table() const { return table_; }
  const kernels::KvPages& pages(std::size_t l) const { return pages_[l % pages_.size()]; }

 private:
  int64_t length_;
  std::vector<std::int32_t> table_;
  std::vector<kernels::KvPages> pages_;
  std::vector<std::shared_ptr<Buffer>> memory_;
};

/// Arguments: tokens in the pass, positions in the cache, format, instruction set.
void attention_layer(benchmark::State& state) {
  const int64_t tokens = state.range(0), length = state.range(1);
  const auto format = static_cast<KvFormat>(state.range(2));
  const Isa isa = supported_isas()[static_cast<std::size_t>(state.range(3))];
  constexpr std::size_t kBeyondCaches = std::size_t{256} << 20;
  const std::size_t layer_bytes =
      kernels::KvPages{nullptr, format, kHeadDim, kKvHeads}.page_bytes() *
      static_cast<std::size_t>(length / kernels::kPagePositions);
  const Layers layers(format, length, tokens > 8 ? 1 : kBeyondCaches / layer_bytes + 1);
  const kernels::SequenceRows rows = layers.last(tokens);
  const std::vector<float> q(static_cast<std::size_t>(tokens * kHeads * kHeadDim), 0.05f);
  std::vector<float> y(q.size());
  ThreadPool pool(default_threads());
  std::size_t turn = 0;
  for (auto _ : state) {
    kernels::paged_attention({.q = q.data(),
                              .q_stride = kHeads * kHeadDim,
                              .n_heads = kHeads,
                              .scale = 0.088f,
                              .y = y.data(),
                              .y_dtype = DType::kF32,
                              .pages = layers.pages(turn++),
                              .sequences = std::span(&rows, 1),
                              .page_table = layers.table()},
                             {pool, isa});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(layer_bytes));
  state.counters["FLOP/s"] =
      benchmark::Counter(4.0 * static_cast<double>(kHeads * kHeadDim * tokens) *
                             (static_cast<double>(length) - static_cast<double>(tokens) / 2) *
                             static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
  state.SetLabel(std::string(name(isa)) + " " + std::string(name(format)));
}

void every_format(benchmark::internal::Benchmark* bench) {
  for (const KvFormat format : kv_formats()) {
    for (int64_t isa = 1; isa < std::ssize(supported_isas()); ++isa) {  // all but the reference
      for (const int64_t tokens : {1, 4, 512}) {
        bench->Args({tokens, 4096, static_cast<int64_t>(format), isa});
      }
    }
  }
}

BENCHMARK(attention_layer)->Apply(&every_format)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pangu
