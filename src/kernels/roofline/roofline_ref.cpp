// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/roofline/roofline.h"

namespace pangu::kernels {

std::uint64_t read_all_ref(const std::byte* data, std::size_t bytes) {
  std::uint64_t sum[4] = {};
  for (std::size_t i = 0; i + 32 <= bytes; i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, data + i, sizeof(words));
    for (int j = 0; j < 4; ++j) sum[j] ^= words[j];
  }
  return sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
}

double spin_f32_ref(std::int64_t steps) {
  constexpr int kChains = 8;
  float sum[kChains] = {};
  volatile float x = 1e-9f;
  for (std::int64_t i = 0; i < steps; ++i) {
    const float factor = x;
    for (float& s : sum) s += factor * s;
  }
  volatile float keep = 0;
  for (const float s : sum) keep = keep + s;
  return 2.0 * kChains * static_cast<double>(steps);
}

double spin_int8_ref(std::int64_t steps) {
  constexpr int kChains = 8;
  std::uint32_t sum[kChains] = {1, 2, 3, 4, 5, 6, 7, 8};  // unsigned: they wrap
  volatile std::int8_t x = 3;
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto factor = static_cast<std::uint32_t>(static_cast<std::uint8_t>(x));
    for (std::uint32_t& s : sum) s += factor * s;
  }
  volatile std::uint32_t keep = 0;
  for (const std::uint32_t s : sum) keep = keep + s;
  return 2.0 * kChains * static_cast<double>(steps);
}

}  // namespace pangu::kernels
