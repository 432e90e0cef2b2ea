// SPDX-License-Identifier: Apache-2.0
// Weights on two memory nodes, simulated: processor 0 is one node, processor 1 the other. What
// share of a matrix is read by the node that wrote it first, with threads and weights placed and
// without, while nothing else runs and while another process takes its turns on processor 1.
#include <benchmark/benchmark.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/allowed_processors.h"
#include "base/thread_binding.h"
#include "devices/cpu/cpu_device.h"
#include "kernels/linear/linear.h"
#include "kernels/linear/linear_input.h"
#include "quant/pack_rows.h"

namespace pangu {
namespace {

constexpr int64_t kOutputs = 64 * 150, kInputs = 4096;
constexpr auto kFormat = WeightFormat::kW8A8;

std::vector<MemoryNode> two_nodes() {
  return {{.number = 0, .processors = {0}, .cores = 1},
          {.number = 1, .processors = {1}, .cores = 1}};
}

/// A thread that counts for ever on processor 1.
class OtherLoad {
 public:
  explicit OtherLoad(bool is_there) {
    if (!is_there) return;
    thread_ = std::jthread([](const std::stop_token& stop) {
      bind_thread(pthread_self(), {1});
      volatile int64_t count = 0;
      while (!stop.stop_requested()) count = count + 1;
    });
  }

 private:
  std::jthread thread_;
};

/// The processor, and so the node, of whoever last did something with each panel.
using Nodes = std::vector<int>;

PackedMatrix packed(ThreadPool& pool, Nodes& writers) {
  const std::vector<float> row(static_cast<std::size_t>(kInputs), 0.5f);
  PackedMatrix w({cpu_device(), kFormat, cpu_device()->panel_layout(kFormat)}, kOutputs, kInputs);
  pack_rows(
      w,
      [&](int64_t i) -> StoredRow {
        if (i % kPanelRows == 0) writers[static_cast<std::size_t>(i / kPanelRows)] = sched_getcpu();
        return {.format = WeightFormat::kF32,
                .data = reinterpret_cast<const std::byte*>(row.data())};
      },
      pool);
  return w;
}

/// kernels::linear() for one row, noting who reads which panel.
void read_panels(const PackedMatrix& w, ThreadPool& pool, const std::vector<float>& x,
                 std::vector<float>& y, Nodes& readers) {
  const Executor on{pool, detected_isa()};
  const kernels::LinearKernel kernel = kernels::linear_kernel(kFormat, DType::kF32, on.isa);
  const kernels::LinearArgs args{.weight = w.buffer()->address(),
                                 .panel_bytes = w.panel_bytes(),
                                 .format = kFormat,
                                 .n_out = kOutputs,
                                 .k = kInputs,
                                 .x = x.data(),
                                 .x_dtype = DType::kF32,
                                 .x_stride = kInputs,
                                 .rows = 1,
                                 .y = y.data(),
                                 .y_stride = kOutputs};
  const kernels::LinearInput in = kernels::prepare_input(args, kernel, on);
  pool.parallel_for(w.panels(), 1, [&](int64_t first, int64_t last) {
    readers[static_cast<std::size_t>(first)] = sched_getcpu();
    kernel.fn(args, in, first, last);
  });
}

/// Arguments: whether threads and weights are placed, whether something else runs.
void placement(benchmark::State& state) {
  if (allowed_processors() != std::vector<int>{0, 1}) {
    state.SkipWithError("made for processors 0 and 1, and no others");
    return;
  }
  const OtherLoad load(state.range(1) == 1);
  ThreadPool pool(2, state.range(0) == 1 ? two_nodes() : std::vector<MemoryNode>{});
  Nodes writers(static_cast<std::size_t>(kOutputs / kPanelRows)), readers = writers;
  const PackedMatrix w = packed(pool, writers);
  const std::vector<float> x(static_cast<std::size_t>(kInputs), 1.0f);
  std::vector<float> y(static_cast<std::size_t>(kOutputs));
  double at_home = 0, all = 0;
  for (auto _ : state) {
    read_panels(w, pool, x, y, readers);
    for (std::size_t p = 0; p < readers.size(); ++p) at_home += readers[p] == writers[p] ? 1 : 0;
    all += static_cast<double>(readers.size());
  }
  // Panels are alike: shares of them are shares of bytes. Where one node wrote all of them, reading
  // at home means that its memory alone is used.
  state.counters["at_home"] = at_home / all;
  state.counters["on_node_0"] =
      static_cast<double>(std::ranges::count(writers, 0)) / static_cast<double>(writers.size());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(w.bytes()));
}

BENCHMARK(placement)
    ->ArgNames({"placed", "load"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pangu
