// SPDX-License-Identifier: Apache-2.0
// Any bytes as a line of a recording: a reply whose ids are in the vocabulary, or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "measure/replay.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kVocabulary = 1000;
  try {
    const pangu::Recording recording =
        pangu::parse_recording({reinterpret_cast<const char*>(data), size}, 1, "fuzz", kVocabulary);
    for (const auto* ids : {&recording.prompt, &recording.reply}) {
      for (const pangu::TokenId id : *ids) {
        if (id < 0 || id >= kVocabulary) std::abort();
      }
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
