// SPDX-License-Identifier: Apache-2.0
#include "serve/api/response_format.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pangu/error.h"
#include "pangu/grammar.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

using GrammarPtr = std::shared_ptr<const OutputGrammar>;

constexpr std::size_t kMaxChoices = 10'000;

/// What is wrong with a grammar, under the key that has it.
template <class Compile>
GrammarPtr compiled(const std::string& key, Compile compile) {
  try {
    return compile();
  } catch (const InputError& error) {
    throw bad_request(key, error.what());
  }
}

/// A schema as an object, or as its text.
std::string schema_text(const OrderedJson& schema) {
  return schema.is_string() ? schema.get<std::string>() : schema.dump();
}

/// The schema under `key`, compiled.
GrammarPtr schema_grammar(Fields& fields, std::string_view key, const GrammarCompiler& compiler) {
  const OrderedJson& schema = fields.needed(key);
  return compiled(fields.name(key), [&] { return compiler.json_schema(schema_text(schema)); });
}

/// OpenAI's form for chats has the schema one level down; llama.cpp takes it as read_format().
GrammarPtr chat_format(Fields& format, const ServedModel& model) {
  if (format.text("type") == "json_schema" && !format.has("schema")) {
    auto inner = format.object("json_schema");
    if (inner) return schema_grammar(*inner, "schema", model.grammars());
    throw bad_request(format.name("json_schema"), format.name("json_schema") + " is missing.");
  }
  return read_format(format, model);
}

}  // namespace

GrammarPtr read_format(Fields& format, const ServedModel& model) {
  const std::string type = format.text("type").value_or("text");
  if (type == "text") return nullptr;
  if (type == "json_object" && !format.has("schema")) return model.grammars().json_object();
  if (type != "json_object" && type != "json_schema") {
    format.reject("type", "text, json_object or json_schema");
  }
  format.ignore({"name", "strict", "description"});
  return schema_grammar(format, "schema", model.grammars());
}

GrammarPtr read_ollama_format(Fields& body, const ServedModel& model) {
  const OrderedJson* format = body.find("format");
  if (format == nullptr || is_empty_text(*format)) return nullptr;
  if (*format == "json") return model.grammars().json_object();
  if (!format->is_object()) body.reject("format", "\"json\", or a JSON schema as an object");
  return schema_grammar(body, "format", model.grammars());
}

GrammarPtr read_response_format(Fields& body, const ServedModel& model) {
  const GrammarCompiler& compiler = model.grammars();
  GrammarPtr out;
  std::string from;
  const auto take = [&](std::string key, GrammarPtr grammar) {
    if (!grammar) return;
    if (out) {
      throw bad_request(key,
                        fmt::format("{} and {} both say what the reply may be. One of them was "
                                    "expected.",
                                    from, key));
    }
    out = std::move(grammar);
    from = std::move(key);
  };
  if (auto format = body.object("response_format")) {
    take("response_format", chat_format(*format, model));
  }
  for (const std::string key : {"guided_json", "json_schema"}) {
    if (body.has(key)) take(key, schema_grammar(body, key, compiler));
  }
  if (const auto regex = body.text("guided_regex")) {
    take("guided_regex", compiled("guided_regex", [&] { return compiler.regex(*regex); }));
  }
  if (const auto choices = body.texts("guided_choice", kMaxChoices); !choices.empty()) {
    take("guided_choice", compiled("guided_choice", [&] { return compiler.choices(choices); }));
  }
  for (const std::string key : {"guided_grammar", "grammar"}) {
    const auto grammar = body.text(key);
    if (grammar) take(key, compiled(key, [&] { return compiler.gbnf(*grammar); }));
  }
  return out;
}

}  // namespace pangu::serve
