// SPDX-License-Identifier: Apache-2.0
// Any bytes as a safetensors file: parsed or refused, and never a view outside of them.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "io/safetensors.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    std::size_t covered = 0;
    unsigned sum = 0;
    const auto content = pangu::parse_safetensors(std::as_bytes(std::span(data, size)), "fuzz");
    for (const pangu::TensorView& tensor : content.tensors) {
      covered += tensor.data.size();
      for (const std::byte b : tensor.data) sum += std::to_integer<unsigned>(b);
    }
    if (covered > size || sum > 255 * size) std::abort();
  } catch (const pangu::Error&) {
    // Refusal with a message is the expected answer to damage.
  }
  return 0;
}
