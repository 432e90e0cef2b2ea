// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a GGUF file: every value that parses must be readable or refused.
#include <cstddef>
#include <cstdint>
#include <span>

#include "io/gguf_metadata.h"
#include "pangu/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pangu::Error;
  using pangu::GgufMetadata;
  try {
    const auto gguf = GgufMetadata::parse(std::as_bytes(std::span(data, size)), "fuzz.gguf");
    for (const std::string_view key : gguf.keys()) {
      const auto attempt = [](auto read) {
        try {
          read();
        } catch (const Error&) {
        }
      };
      gguf.describe(key);
      attempt([&] { gguf.get_string(key); });
      attempt([&] { gguf.find_bool(key); });
      attempt([&] { gguf.get_int(key, INT64_MIN, INT64_MAX); });
      attempt([&] { gguf.get_number(key); });
      attempt([&] { gguf.get_strings(key); });
      attempt([&] { gguf.get_ints(key, 0, 100); });
      attempt([&] { gguf.get_floats(key); });
    }
  } catch (const Error&) {
  }
  return 0;
}
