// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as one line of training data.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pangu/error.h"
#include "text/training_data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  try {
    const auto record = pangu::text::parse_training_record(line, "data.jsonl, line 1");
    if (record.special_tokens < 1) std::abort();
  } catch (const pangu::Error&) {
  }
  return 0;
}
