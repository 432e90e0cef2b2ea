// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/grammar_options.h"

#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/option_rules.h"
#include "base/error.h"
#include "grammar/grammar_source.h"
#include "io/mapped_file.h"
#include "pangu/grammar.h"

namespace pangu::app {
namespace {

std::string grammar_file_text(const std::string& name) {
  const MappedFile file(name);
  const GrammarLimits limits;
  if (file.size() > limits.max_bytes) {
    fail<FileError>("[grammar] {} has {} bytes; at most {} are read. Is it the right file?", name,
                    file.size(), limits.max_bytes);
  }
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

/// A schema is an object or a boolean; names of files hardly look like one.
bool is_json(const std::string& text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != text.npos && (text[at] == '{' || text == "true" || text == "false");
}

}  // namespace

void add_grammar_options(CLI::App& command, GrammarFlags& flags, const char* group) {
  const auto add = [&](const char* name, std::string& value, const char* type, const char* what) {
    command.add_option(name, value, what)->type_name(type)->check(not_empty())->group(group);
  };
  add("--schema", flags.schema, "JSON|FILE", "Write JSON that satisfies this JSON schema");
  add("--regex", flags.regex, "RE", "Write what this regular expression matches as a whole");
  add("--choices", flags.choices, "A,B,...", "Write one of these texts");
  add("--grammar", flags.grammar, "FILE", "Write what this grammar allows (GBNF, as of llama.cpp)");
}

void read_grammar(const CLI::App& command, GrammarFlags& flags) {
  const std::string given = given_options(command, kGrammarOptions);
  if (given.find(',') != given.npos) {
    throw UsageError(given + " each say what a reply may be: give one of them.");
  }
  if (!flags.schema.empty()) {
    if (!is_json(flags.schema)) flags.schema = grammar_file_text(flags.schema);
    grammar::compile_json_schema(flags.schema);
  } else if (!flags.regex.empty()) {
    grammar::compile_regex(flags.regex);
  } else if (!flags.choices.empty()) {
    grammar::compile_choices(list_items(flags.choices));
  } else if (!flags.grammar.empty()) {
    flags.grammar = grammar_file_text(flags.grammar);
    grammar::compile_gbnf(flags.grammar);
  }
}

std::shared_ptr<const OutputGrammar> make_grammar(
    const GrammarFlags& flags, const std::shared_ptr<const Tokenizer>& tokenizer) {
  if (flags.schema.empty() && flags.regex.empty() && flags.choices.empty() &&
      flags.grammar.empty()) {
    return nullptr;
  }
  const GrammarCompiler compiler(tokenizer);
  if (!flags.schema.empty()) return compiler.json_schema(flags.schema);
  if (!flags.regex.empty()) return compiler.regex(flags.regex);
  if (!flags.choices.empty()) return compiler.choices(list_items(flags.choices));
  return compiler.gbnf(flags.grammar);
}

}  // namespace pangu::app
