// SPDX-License-Identifier: Apache-2.0
// Bytes as a file of labelled requests: read or refused. What was read has features.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/labelled_rows.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu::adaptive;
  try {
    const std::string_view content(reinterpret_cast<const char*>(data), size);
    for (const LabelledRow& row : parse_labelled_rows(content, "fuzz")) {
      if (row.request.text.size() > kRequestHeadBytes + kRequestTailBytes + 1) std::abort();
      if (surface_features(row.request).size() != kSurfaceFeatures) std::abort();
      if (gram_features(row.request).size() != kGramFeatures) std::abort();
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
