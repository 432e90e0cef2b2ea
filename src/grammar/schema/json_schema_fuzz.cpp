// SPDX-License-Identifier: Apache-2.0
// Input: a JSON schema.
#include "grammar/testing/fuzz_grammar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return pangu::grammar::fuzz(data, size, [](std::string_view text) {
    return pangu::grammar::fuzz_compiler().json_schema(text);
  });
}
