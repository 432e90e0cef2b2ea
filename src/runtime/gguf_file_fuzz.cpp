// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a GGUF file: every value, tensor, config and tokenizer in it is read or
// refused, and no view leads outside.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "io/gguf_file.h"
#include "models/gguf/gguf_config.h"
#include "pangu/error.h"
#include "text/gguf/tokenizer_gguf.h"

namespace {

using pangu::Error;

template <class Read>
void attempt(Read read) {
  try {
    read();
  } catch (const Error&) {
    // Refusal with a message is the expected answer to damage.
  }
}

void read_keys(const pangu::GgufMetadata& gguf) {
  for (const std::string_view key : gguf.keys()) {
    gguf.describe(key);
    gguf.encoded_value(key);
    attempt([&] { gguf.get_string(key); });
    attempt([&] { gguf.find_bool(key); });
    attempt([&] { gguf.get_int(key, INT64_MIN, INT64_MAX); });
    attempt([&] { gguf.get_number(key); });
    attempt([&] { gguf.get_strings(key); });
    attempt([&] { gguf.get_ints(key, 0, 100); });
    attempt([&] { gguf.get_floats(key); });
    attempt([&] { gguf.get_bytes(key); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attempt([&] {
    const auto gguf = pangu::parse_gguf(std::as_bytes(std::span(data, size)), "fuzz.gguf");
    read_keys(gguf.metadata);
    std::size_t covered = 0;
    unsigned sum = 0;
    for (const pangu::GgufTensor& tensor : gguf.tensors) {
      covered += tensor.data.size();
      for (const std::byte b : tensor.data) sum += std::to_integer<unsigned>(b);
    }
    if (covered > size || sum > 255 * size) std::abort();
    attempt([&] { to_json(pangu::gguf_model_config(gguf)); });
    attempt([&] { to_json(pangu::gguf_generation_config(gguf.metadata)); });
    attempt([&] { pangu::text::make_tokenizer_gguf(gguf.metadata)->encode("a b\n1"); });
  });
  return 0;
}
