// SPDX-License-Identifier: Apache-2.0
// Not how fast, which depends on the machine, but that all bytes are read and work is counted.
#include "kernels/roofline/roofline.h"

#include <vector>

#include "base/resources.h"
#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

TEST(Roofline, EveryByteIsRead) {
  testing::Random random;
  std::vector<std::byte> data(4096);
  for (const auto& [isa, read_all] : read_all_variants()) {
    if (!detected_isa().has(isa)) continue;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t before = read_all(data.data(), data.size());
      data[static_cast<std::size_t>(random.below(4096))] ^= std::byte{0x11};
      EXPECT_NE(read_all(data.data(), data.size()), before);
    }
  }
}

TEST(Roofline, MeasuresSomethingOnEveryIsa) {
  ThreadPool pool(2);
  const std::vector<std::byte> data(4 << 20);
  for (const Isa isa : supported_isas()) {
    EXPECT_GT(read_bandwidth(data, {pool, isa}), 0.0);
    for (const Arithmetic a : {Arithmetic::kF32, Arithmetic::kBF16, Arithmetic::kInt8}) {
      EXPECT_GT(peak_operations(a, 0.001, {pool, isa}), 0.0) << name(a);
    }
  }
}

TEST(Roofline, BandwidthIsThatOfWhatWasRead) {
  // What is over at the end of the data may be left out, but is never read past.
  ThreadPool pool(2);
  const std::vector<std::byte> data((8 << 20) + 300'000);
  const Stopwatch watch;
  const double rate = read_bandwidth(data, {pool, detected_isa()});
  const double passes = 4;
  EXPECT_GE(rate, passes * (8 << 20) / watch.seconds()) << "the best is no less than the mean";
}

TEST(Roofline, OperationsAreCountedAndDone) {
  struct Row {
    Isa isa;
    Arithmetic arithmetic;
    double operations;  // of one step
  };
  for (const Row row :
       {Row{Isa::kRef, Arithmetic::kInt8, 16}, Row{Isa::kAvx2, Arithmetic::kInt8, 6144},
        Row{Isa::kAvxVnni, Arithmetic::kInt8, 768}, Row{Isa::kAvx512, Arithmetic::kInt8, 3072},
        Row{Isa::kAvx512Vnni, Arithmetic::kInt8, 1536},
        Row{Isa::kAvx512Bf16, Arithmetic::kBF16, 768}, Row{Isa::kAmx, Arithmetic::kInt8, 131072},
        Row{Isa::kAmx, Arithmetic::kBF16, 65536}, Row{Isa::kNeon, Arithmetic::kInt8, 384},
        Row{Isa::kNeonDotProd, Arithmetic::kInt8, 384},
        Row{Isa::kNeonI8mm, Arithmetic::kInt8, 768}}) {
    if (!detected_isa().has(row.isa)) continue;
    SpinMath* const spin = spin_of(row.arithmetic, row.isa);
    EXPECT_EQ(spin(1000), 1000 * row.operations);
    // A step takes a cycle at the very least: the loop is there.
    const Stopwatch watch;
    spin(100'000);
    EXPECT_GT(watch.seconds(), 10e-6);
  }
}

TEST(Roofline, Bf16IsNativeWithItsInstructionsAlone) {
  EXPECT_EQ(native_arithmetic(Arithmetic::kBF16, Isa::kAvx512Bf16), Arithmetic::kBF16);
  EXPECT_EQ(native_arithmetic(Arithmetic::kBF16, Isa::kAvx512), Arithmetic::kF32);
  EXPECT_EQ(native_arithmetic(Arithmetic::kInt8, Isa::kRef), Arithmetic::kInt8);
  EXPECT_EQ(name(Arithmetic::kBF16), "bf16");
}

}  // namespace
}  // namespace pangu::kernels
