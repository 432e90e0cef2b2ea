// SPDX-License-Identifier: Apache-2.0
// Any bytes as a round of prune.json: a round, or an error with a message.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compress/prune_state.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const pangu::Json json = pangu::parse_json(text, "fuzz");
    pangu::compress::parse_round(pangu::JsonObject("fuzz", json));
  } catch (const pangu::Error&) {
  }
  return 0;
}
