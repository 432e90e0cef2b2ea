// SPDX-License-Identifier: Apache-2.0
// Any bytes as config.json and generation_config.json: read or refused, and what was read survives
// being written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "models/config/config.h"
#include "models/config/generation_config.h"
#include "models/parameter_count.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Json json;
  try {
    json = parse_json(text, "fuzz");
  } catch (const Error&) {
    return 0;
  }
  try {
    parse_generation_config(json, "fuzz");
  } catch (const Error&) {
    // Refusal with a message is the expected answer to damage.
  }
  try {
    const ModelConfig config = parse_model_config(json, "fuzz");
    if (parameter_count(config).total() <= 0) std::abort();
    if (parse_model_config(to_json(config), "written") != config) std::abort();
  } catch (const Error& error) {
    // What was read once must not be refused once it is written.
    if (std::string_view(error.what()).find("written") != std::string_view::npos) std::abort();
  }
  return 0;
}
