// SPDX-License-Identifier: Apache-2.0
// pangu tokenize: text to ids and pieces, or ids back to text.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/escaped.h"
#include "base/utf8.h"
#include "pangu/tokenizer.h"

namespace pangu::app {
namespace {

struct TokenizeOptions {
  CommonOptions common;
  std::string model;
  std::optional<std::string> text;
  std::optional<std::string> ids;
  bool no_bos = false;
  bool no_special = false;
};

std::string piece_table(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  std::size_t width = 1;
  for (const TokenId id : ids) width = std::max(width, std::to_string(id).size());
  std::string table;
  for (const TokenId id : ids) {
    table += fmt::format("{:>{}}  {}\n", id, width, escaped(tokenizer.piece(id)));
  }
  return table;
}

Json pieces_json(const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
  Json json = {{"ids", ids}, {"pieces", Json::array()}};
  for (const TokenId id : ids) json["pieces"].push_back(tokenizer.piece(id));
  return json;
}

void decode(const TokenizeOptions& o) {
  const std::vector<TokenId> ids = parse_ids(*o.ids);
  const auto tokenizer = load_tokenizer(o.model);
  const std::string text = tokenizer->decode(ids);
  if (!o.common.json) return print(text + "\n");
  Json json = pieces_json(*tokenizer, ids);
  json["text"] = text;
  print_json(json);
}

void encode(const TokenizeOptions& o) {
  if (!o.text && is_terminal_stdin()) {
    throw UsageError("there is no text. Give one, or pipe one into standard input.");
  }
  const std::string text = o.text && *o.text != "-" ? *o.text : read_stdin();
  utf8::require_valid(text, "the text");
  const auto tokenizer = load_tokenizer(o.model);
  EncodeOptions encode;
  if (o.no_bos) encode.add_bos = false;
  encode.parse_special = !o.no_special;
  const std::vector<TokenId> ids = tokenizer->encode(text, encode);
  if (!o.common.json) return print(piece_table(*tokenizer, ids));
  print_json(pieces_json(*tokenizer, ids));
}

}  // namespace

void add_tokenize_command(CLI::App& app) {
  auto o = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize",
                                         "Shows the tokens of a text, or the text of tokens\n"
                                         "\n"
                                         "Examples:\n"
                                         "  pangu tokenize MODEL \"Once upon a time\"\n"
                                         "  pangu tokenize MODEL --ids 1,403,407");
  add_model_argument(*command, o->model,
                     "Folder with a tokenizer, a tokenizer file, or a GGUF file");
  auto* text = command->add_option("TEXT", o->text, "The text; - or nothing is standard input");
  auto* no_bos = command->add_flag("--no-bos", o->no_bos, "No beginning-of-text token in front");
  auto* no_special = command->add_flag("--no-special", o->no_special,
                                       "Take the text of special tokens as plain text");
  command->add_option("--ids", o->ids, "Print the text of these ids instead")
      ->type_name("1,2,3")
      ->excludes(text)
      ->excludes(no_bos)
      ->excludes(no_special)
      ->group("Text");
  no_bos->group("Text");
  no_special->group("Text");
  add_common_options(*command, o->common);
  command->callback([o] {
    start_log(o->common);
    o->ids ? decode(*o) : encode(*o);
  });
}

}  // namespace pangu::app
