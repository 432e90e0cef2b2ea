// SPDX-License-Identifier: Apache-2.0
// Replies that are JSON of a schema, match a regular expression, are one of several texts, or
// follow a grammar. docs/structured-output.md says what is supported.
//
//   const pangu::GrammarCompiler compiler(engine.tokenizer());
//   engine.generate(prompt, {.grammar = compiler.json_schema(R"({"type": "object", ...})")});
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pangu/constraint.h"
#include "pangu/tokenizer.h"

namespace pangu {

/// What a grammar may cost. All of it may come from a stranger.
struct GrammarLimits {
  std::size_t max_bytes = std::size_t{1} << 20;  ///< of the source; of all choices together
  std::int64_t max_depth = 64;                   ///< of groups, and of schemas within schemas
  std::int64_t max_repetitions = 100'000;        ///< a bound of one repetition
  std::int64_t max_states = 500'000;             ///< of the compiled grammar
  std::chrono::milliseconds compile_time{2000};
  /// Ways to read what was written that are followed at the same time.
  std::int64_t max_ways = 2000;
  /// Memory for what is known about places in the grammar; over all replies that it holds.
  std::size_t cache_bytes = std::size_t{64} << 20;
  /// Grammars that a compiler keeps, those that were asked for last: the same source is compiled
  /// once, and what is known about its places serves the next replies.
  std::size_t kept = 8;
};

/// Makes grammars for one vocabulary, which is sorted once. Any thread may use it.
///
/// All members throw InputError saying where in the source something is wrong, unsupported or past
/// a limit, and for a grammar that no finite text follows.
class GrammarCompiler {
 public:
  explicit GrammarCompiler(std::shared_ptr<const Tokenizer> tokenizer,
                           const GrammarLimits& limits = {});
  ~GrammarCompiler();
  GrammarCompiler(GrammarCompiler&&) noexcept;
  GrammarCompiler& operator=(GrammarCompiler&&) noexcept;

  /// JSON that satisfies a schema (a JSON text: an object, or true for anything). A keyword that is
  /// not supported is refused, never ignored.
  std::shared_ptr<const OutputGrammar> json_schema(std::string_view schema) const;

  /// Any JSON object.
  std::shared_ptr<const OutputGrammar> json_object() const;

  /// A regular expression that the whole reply matches.
  std::shared_ptr<const OutputGrammar> regex(std::string_view expression) const;

  /// One of these texts, none of which may be empty.
  std::shared_ptr<const OutputGrammar> choices(std::span<const std::string> texts) const;

  /// A grammar in the notation of llama.cpp (GBNF), which begins with the rule `root`.
  std::shared_ptr<const OutputGrammar> gbnf(std::string_view grammar) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu
