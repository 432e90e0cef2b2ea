// SPDX-License-Identifier: Apache-2.0
// What the fuzzers of grammars have in common: a grammar is made from the input, and followed for
// some tokens. Whatever a mask allows can be taken, and nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/testing/words_tokenizer.h"
#include "pangu/error.h"
#include "pangu/grammar.h"

namespace pangu::grammar {

inline const GrammarCompiler& fuzz_compiler() {
  static const GrammarCompiler compiler(
      std::make_shared<WordsTokenizer>(std::vector<std::string>{
          "{\"", "\": ", "\"}", "true", "ab", "aab", "\xC3", "\xA4x", "12", ".5", "\\u00", "  "}),
      {.max_bytes = 4096,
       .max_states = 20'000,
       .compile_time = std::chrono::milliseconds(500),
       .max_ways = 100,
       .cache_bytes = 1 << 20});
  return compiler;
}

inline void follow(const OutputGrammar& grammar) {
  const auto reply = grammar.begin();
  std::uint32_t draw = 1;
  for (int step = 0; step < 12; ++step) {
    const auto mask = reply->allowed();
    std::vector<TokenId> all;
    for (TokenId id = 0; id < grammar.vocab_size(); ++id) {
      if ((mask[static_cast<std::size_t>(id) / 64] >> (id % 64) & 1) != 0) all.push_back(id);
    }
    const TokenId refused = static_cast<TokenId>(draw % 256);
    const bool is_allowed =
        (mask[static_cast<std::size_t>(refused) / 64] >> (refused % 64) & 1) != 0;
    if (!is_allowed && reply->push(refused)) std::abort();
    if (all.empty()) return;
    draw = draw * 1664525 + 1013904223;
    if (!reply->push(all[(draw >> 8) % all.size()])) std::abort();
  }
}

/// `make` makes a grammar of the text, or throws pangu::Error.
template <class Make>
int fuzz(const std::uint8_t* data, std::size_t size, Make make) {
  try {
    follow(*make(std::string_view(reinterpret_cast<const char*>(data), size)));
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace pangu::grammar
