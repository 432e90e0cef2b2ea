// SPDX-License-Identifier: Apache-2.0
#include "serve/api/response_format.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/ordered_json.h"
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

GrammarPtr openai_format(Fields format, const OrderedJson& ordered,
                         const GrammarCompiler& compiler) {
  const std::string type = format.text("type").value_or("text");
  if (type == "text") return nullptr;
  const std::string schema_key = format.name("schema");
  if (type == "json_object") {
    if (!format.has("schema")) return compiler.json_object();
    return compiled(schema_key,
                    [&] { return compiler.json_schema(schema_text(ordered["schema"])); });
  }
  if (type != "json_schema") format.reject("type", "text, json_object or json_schema");
  // OpenAI's form has the schema one level down, llama.cpp takes it here, too.
  if (auto inner = format.object("json_schema")) {
    inner->ignore({"name", "strict", "description"});
    if (!inner->has("schema")) {
      throw bad_request(inner->name("schema"), inner->name("schema") + " is missing.");
    }
    return compiled(inner->name("schema"), [&] {
      return compiler.json_schema(schema_text(ordered["json_schema"]["schema"]));
    });
  }
  if (!format.has("schema")) {
    throw bad_request(format.name("json_schema"), format.name("json_schema") + " is missing.");
  }
  return compiled(schema_key, [&] { return compiler.json_schema(schema_text(ordered["schema"])); });
}

}  // namespace

std::shared_ptr<const OutputGrammar> read_response_format(Fields& body, std::string_view text,
                                                          const ServedModel& model) {
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
  std::optional<OrderedJson> whole;  // read where a schema is given alone: bodies may be large
  const auto ordered = [&](const std::string& key) -> const OrderedJson& {
    if (!whole) whole = OrderedJson::parse(text);  // checked before: this is JSON
    return (*whole)[key];
  };
  if (auto format = body.object("response_format")) {
    take("response_format", openai_format(*format, ordered("response_format"), compiler));
  }
  for (const std::string key : {"guided_json", "json_schema"}) {
    if (!body.has(key)) continue;
    take(key, compiled(key, [&] { return compiler.json_schema(schema_text(ordered(key))); }));
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
