// SPDX-License-Identifier: Apache-2.0
// What replies may say, as the command line says it.
#pragma once

#include <CLI/App.hpp>
#include <initializer_list>
#include <memory>
#include <string>

#include "pangu/constraint.h"
#include "pangu/tokenizer.h"

namespace pangu::app {

struct GrammarFlags {
  std::string schema;  ///< JSON, or the name of a file
  std::string regex;
  std::string choices;  ///< with commas
  std::string grammar;  ///< the name of a file
};

inline constexpr std::initializer_list<const char*> kGrammarOptions = {"--schema", "--regex",
                                                                       "--choices", "--grammar"};

void add_grammar_options(CLI::App& command, GrammarFlags& flags, const char* group);

/// Everything that can be refused without a vocabulary: several of them, files that cannot be read
/// (whose text then takes the place of their names), what is wrong within. Throws UsageError,
/// FileError, InputError.
void read_grammar(const CLI::App& command, GrammarFlags& flags);

/// Of what read_grammar() has read; null if none was given.
std::shared_ptr<const OutputGrammar> make_grammar(
    const GrammarFlags& flags, const std::shared_ptr<const Tokenizer>& tokenizer);

}  // namespace pangu::app
