// SPDX-License-Identifier: Apache-2.0
// Bytes as the file of a probe: read or refused. What was read gives probabilities.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/probe/probe.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu::adaptive;
  try {
    const Probe probe = parse_probe(std::as_bytes(std::span(data, size)), "fuzz");
    const auto width = static_cast<std::size_t>(probe.hidden_size);
    const Request request = request_of("How many are 2 + 3?");
    Features features{.surface = surface_features(request), .grams = gram_features(request)};
    for (const std::int64_t layer : probe.layers()) {
      features.streams[layer] = {std::vector<float>(width, 1.0f), std::vector<float>(width, 2.0f)};
    }
    for (const Head& head : probe.heads) {
      if (head.probabilities(features).size() != head.classes.size()) std::abort();
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
