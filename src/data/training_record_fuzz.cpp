// SPDX-License-Identifier: Apache-2.0
// Any bytes as a line of a data set: a record, or an error with a message.
#include <cstddef>
#include <cstdint>

#include "data/training_record.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    pangu::parse_training_record({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const pangu::Error&) {
  }
  return 0;
}
