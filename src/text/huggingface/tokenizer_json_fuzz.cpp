// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a tokenizer.json. A zero byte, which JSON cannot hold, ends the file; what
// follows is a text that a tokenizer which loads must encode, decode and stream alike.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "io/json.h"
#include "pangu/error.h"
#include "text/huggingface/tokenizer_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\0'), size);
  const std::string sample = utf8::sanitized(input.substr(end));
  try {
    const Json json = parse_json(input.substr(0, end), "tokenizer.json");
    const auto tokenizer =
        text::make_tokenizer_json(JsonObject("tokenizer.json", json), text::TokenizerConfig{});
    for (const bool parse_special : {false, true}) {
      const auto ids = tokenizer->encode(sample, {.parse_special = parse_special});
      StreamDecoder stream(tokenizer);
      std::string streamed;
      for (const TokenId id : ids) streamed += stream.push(id);
      streamed += stream.flush();
      const std::string text = tokenizer->decode(ids);
      if (streamed != text || utf8::find_invalid(text) != utf8::npos) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
