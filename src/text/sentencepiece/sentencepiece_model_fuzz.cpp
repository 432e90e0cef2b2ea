// SPDX-License-Identifier: Apache-2.0
// Arbitrary bytes as a SentencePiece model: what our checks let pass, libsentencepiece must
// survive.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "pangu/error.h"
#include "text/sentencepiece/sentencepiece_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer = text::make_sentencepiece(input, "fuzz.model", text::TokenizerConfig{});
    for (const char* sample :
         {"", " a  b", "\u00e4\uff21\ufb01 \U0001F600<s>", "aaaaaaaaaaaaaaaab"}) {
      for (const bool parse_special : {false, true}) {
        const auto ids = tokenizer->encode(sample, {.parse_special = parse_special});
        if (utf8::find_invalid(tokenizer->decode(ids)) != utf8::npos) std::abort();
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
