// SPDX-License-Identifier: Apache-2.0
#include "kernels/roofline/roofline.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/resources.h"

namespace pangu::kernels {
namespace {

constexpr Variant<ReadAll> kReads[] = {PANGU_VARIANTS(read_all)};
constexpr Variant<SpinMath> kF32[] = {PANGU_VARIANTS(spin_f32)};
constexpr Variant<SpinMath> kBf16[] = {PANGU_VARIANTS(spin_f32),
#if defined(__x86_64__)
                                       {Isa::kAvx512Bf16, &spin_bf16_avx512bf16},
                                       {Isa::kAmx, &spin_bf16_amx}
#endif
};
constexpr Variant<SpinMath> kInt8[] = {PANGU_VARIANTS(spin_int8),
#if defined(__x86_64__)
                                       {Isa::kAvxVnni, &spin_int8_avxvnni},
                                       {Isa::kAvx512Vnni, &spin_int8_avx512vnni},
                                       {Isa::kAmx, &spin_int8_amx}
#elif defined(__aarch64__)
                                       {Isa::kNeonDotProd, &spin_int8_neondotprod},
                                       {Isa::kNeonI8mm, &spin_int8_neoni8mm}
#endif
};

/// A way to read a piece. Which is the fastest depends on the processor and on what else uses its
/// memory.
struct Reading {
  std::size_t streams;  ///< places that are read in turns
  std::size_t ahead;    ///< bytes between what is asked for and what is read; 0: not asked for
};
constexpr Reading kReadings[] = {{1, 0}, {1, 2048}, {4, 0}, {4, 2048}};

// As large as a panel of weights, so that threads can balance as they do in a product.
constexpr std::size_t kPiece = 256 << 10;
// A pass takes every second piece, the next one those between: each thread stays in the part of the
// data that is its own (base/thread_pool.h), and the best of two shorter times counts.
constexpr std::int64_t kTurns = 2;

std::uint64_t read_piece(ReadAll* kernel, const std::byte* piece, const Reading& way) {
  constexpr std::size_t kLine = 64, kBlock = 1024;
  if (way.streams == 1 && way.ahead == 0) return kernel(piece, kPiece);
  const std::size_t stream = kPiece / way.streams;
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < stream; at += kBlock) {
    for (std::size_t s = 0; s < way.streams; ++s) {
      const std::byte* const block = piece + s * stream + at;
      for (std::size_t i = 0; way.ahead > 0 && at + way.ahead < stream && i < kBlock; i += kLine) {
        __builtin_prefetch(block + way.ahead + i);
      }
      sum ^= kernel(block, kBlock);
    }
  }
  return sum;
}

}  // namespace

std::span<const Variant<ReadAll>> read_all_variants() {
  return kReads;
}

SpinMath* spin_of(Arithmetic arithmetic, Isa isa) {
  switch (arithmetic) {
    case Arithmetic::kBF16:
      return best_variant<SpinMath>(kBf16, isa);
    case Arithmetic::kInt8:
      return best_variant<SpinMath>(kInt8, isa);
    default:
      return best_variant<SpinMath>(kF32, isa);
  }
}

Arithmetic native_arithmetic(Arithmetic wanted, Isa isa) {
  return wanted == Arithmetic::kBF16 && !isa.has(Isa::kAvx512Bf16) ? Arithmetic::kF32 : wanted;
}

double read_bandwidth(std::span<const std::byte> data, const Executor& on) {
  ReadAll* const kernel = best_variant<ReadAll>(kReads, on.isa);
  const auto parts = static_cast<std::int64_t>(data.size() / kPiece) / kTurns;
  std::atomic<std::uint64_t> sum{0};
  double best = 0;
  for (const Reading& way : kReadings) {
    for (std::int64_t turn = 0; turn < kTurns; ++turn) {
      const Stopwatch watch;
      on.threads.parallel_for(parts, 1, [&](std::int64_t begin, std::int64_t) {
        const auto piece = static_cast<std::size_t>(begin * kTurns + turn);
        sum += read_piece(kernel, data.data() + piece * kPiece, way);
      });
      const auto bytes = static_cast<double>(parts) * static_cast<double>(kPiece);
      best = std::max(best, bytes / watch.seconds());
    }
  }
  return best;
}

double peak_operations(Arithmetic arithmetic, double seconds, const Executor& on) {
  SpinMath* const kernel = spin_of(arithmetic, on.isa);
  // One thread finds out how many steps take the time; all of them then do as many.
  std::int64_t steps = 1000;
  for (;;) {
    const Stopwatch watch;
    kernel(steps);
    const double took = watch.seconds();
    if (took >= seconds / 10) {
      steps = static_cast<std::int64_t>(static_cast<double>(steps) * seconds / took);
      break;
    }
    steps *= 2;
  }
  std::vector<double> operations(static_cast<std::size_t>(on.threads.size()), 0.0);
  const Stopwatch watch;
  on.threads.parallel_for(on.threads.size(), 1, [&](std::int64_t begin, std::int64_t) {
    operations[static_cast<std::size_t>(begin)] = kernel(steps);
  });
  const double took = watch.seconds();
  double total = 0;
  for (const double o : operations) total += o;
  return total / took;
}

}  // namespace pangu::kernels
