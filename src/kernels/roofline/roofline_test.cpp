// SPDX-License-Identifier: Apache-2.0
// Not how fast, which depends on the machine, but that all bytes are read and work is counted.
#include "kernels/roofline/roofline.h"

#include <vector>

#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

TEST(Roofline, EveryByteIsRead) {
  testing::Random random;
  std::vector<std::byte> data(4096);
  struct Row {
    Isa isa;
    ReadAll* read;
  };
  for (const Row row : {Row{Isa::kRef, &read_all_ref}, Row{Isa::kAvx2, &read_all_avx2},
                        Row{Isa::kAvx512, &read_all_avx512}}) {
    if (row.isa > detected_isa()) continue;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t before = row.read(data.data(), data.size());
      data[static_cast<std::size_t>(random.below(4096))] ^= std::byte{0x11};
      EXPECT_NE(row.read(data.data(), data.size()), before);
    }
  }
}

TEST(Roofline, MeasuresSomethingOnEveryIsa) {
  ThreadPool pool(2);
  const std::vector<std::byte> data(4 << 20);
  for (const Isa isa : supported_isas()) {
    EXPECT_GT(read_bandwidth(data, {pool, isa}), 0.0);
    EXPECT_GT(peak_operations(DType::kF32, 0.001, {pool, isa}), 0.0);
    EXPECT_GT(peak_operations(DType::kBF16, 0.001, {pool, isa}), 0.0);
  }
}

}  // namespace
}  // namespace pangu::kernels
