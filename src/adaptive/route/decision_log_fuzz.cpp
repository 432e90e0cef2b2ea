// SPDX-License-Identifier: Apache-2.0
// Records of decisions come from a file that anybody may have written: a line is refused with one
// of our errors, or reads back as it is written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adaptive/route/decision_log.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto record = pangu::adaptive::parse_route(pangu::parse_json(text, "fuzz"), "fuzz");
    const pangu::Json json = pangu::adaptive::route_json(record);
    if (pangu::adaptive::route_json(pangu::adaptive::parse_route(json, "fuzz")) != json) {
      std::abort();
    }
    pangu::adaptive::route_text(record.recognised, record.route);
  } catch (const pangu::Error&) {
  }
  return 0;
}
