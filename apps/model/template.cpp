// SPDX-License-Identifier: Apache-2.0
// pangu template: the text that a model's chat template makes of messages.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/clipped.h"
#include "base/error.h"
#include "base/log.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "pangu/tokenizer.h"
#include "text/chat/chat_template.h"
#include "text/chat/tokenizer_chat_template.h"

namespace pangu::app {
namespace {

struct TemplateOptions {
  CommonOptions common;
  std::string model;
  std::string messages;
  std::string tools;
  std::vector<std::string> variables;
  bool no_generation_prompt = false;
};

/// A template, and its source, which tells what it looks at.
struct LoadedTemplate {
  std::string source;
  ChatTemplate parsed;

  bool names(std::string_view variable) const { return source.find(variable) != std::string::npos; }
};

std::string text_of_file(const std::string& path) {
  const MappedFile file(path);
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

/// The template of a model, or one in a file of its own.
LoadedTemplate load_template(const std::string& path) {
  if (std::filesystem::path(path).extension() == ".jinja") {
    const std::string source = text_of_file(path);
    return {source, ChatTemplate::parse(source, {.origin = path})};
  }
  const auto tokenizer = load_tokenizer(path);
  return {tokenizer->chat_template(), chat_template_of(*tokenizer, path)};
}

/// JSON with its keys in order, which templates show to the model. `what` names it in messages.
ChatJson ordered_json(const std::string& text, const std::string& what) {
  parse_json(text, what);  // refuses what is too large, malformed or ambiguous
  return ChatJson::parse(text);
}

std::string input_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

ChatJson json_list(const std::string& path, std::string_view option) {
  const std::string text = path == "-" ? read_stdin() : text_of_file(path);
  const std::string name = input_name(path);
  ChatJson list = ordered_json(text, name);
  const auto not_object = std::find_if(list.begin(), list.end(),
                                       [](const ChatJson& item) { return !item.is_object(); });
  if (!list.is_array() || not_object != list.end()) {
    fail<InputError>(
        "[template] {}: {} {}, expected an array of objects, as in [{{\"role\": \"user\", "
        "\"content\": \"Hi\"}}].",
        name, option,
        list.is_array() ? fmt::format("has an item of type {}", not_object->type_name())
                        : fmt::format("is of type {}", list.type_name()));
  }
  return list;
}

/// NAME=VALUE: the value is JSON, or else a text.
std::pair<std::string, ChatJson> parse_variable(const std::string& given) {
  const std::size_t equals = given.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError(
        fmt::format("--var: '{}' was given, expected NAME=VALUE.", clipped(given, 40)));
  }
  const std::string value = given.substr(equals + 1);
  ChatJson json = ChatJson::parse(value, nullptr, false);
  // Deep or ambiguous JSON gets its error; what is none at all is a text.
  if (json.is_discarded()) return {given.substr(0, equals), value};
  return {given.substr(0, equals), ordered_json(value, "--var " + given.substr(0, equals))};
}

/// What the template cannot have looked at, because it does not name it.
void remark_unused(const TemplateOptions& o, const LoadedTemplate& chat,
                   const RenderOptions& options) {
  const auto remark = [&](std::string_view variable, std::string_view option) {
    if (chat.names(variable)) return;
    log::warning("[template] the template does not name '{}': {} changes nothing.",
                 clipped(variable, 40), option);
  };
  if (o.no_generation_prompt) remark("add_generation_prompt", "--no-generation-prompt");
  if (!o.tools.empty()) remark("tools", "--tools");
  for (const auto& [name, value] : options.extra.items()) remark(name, "--var");
}

std::vector<Segment> rendered(const ChatTemplate& chat, const TemplateOptions& o,
                              const RenderOptions& options) {
  const ChatJson messages = json_list(o.messages, "--messages");
  try {
    return chat.render_messages(messages, options);
  } catch (const InputError& error) {
    fail<InputError>("{} ({}.)", error.what(), input_name(o.messages));
  }
}

void template_command(const TemplateOptions& o) {
  start_log(o.common);
  if (o.messages == "-" && o.tools == "-") {
    throw UsageError("--messages and --tools are both '-', but there is one standard input.");
  }
  RenderOptions options{.add_generation_prompt = !o.no_generation_prompt};
  for (const std::string& given : o.variables) {
    auto [name, value] = parse_variable(given);
    options.extra[name] = std::move(value);
  }
  const LoadedTemplate chat = load_template(o.model);
  if (!o.tools.empty()) options.tools = json_list(o.tools, "--tools");
  remark_unused(o, chat, options);
  const std::vector<Segment> segments = rendered(chat.parsed, o, options);
  std::string text;
  for (const Segment& segment : segments) text += segment.text;
  if (!o.common.json) return print(text);
  Json json = {{"text", text}, {"pieces", Json::array()}};
  for (const Segment& segment : segments) {
    json["pieces"].push_back({{"text", segment.text}, {"template", segment.is_template}});
  }
  print_json(json);
}

}  // namespace

void add_template_command(CLI::App& app) {
  auto o = std::make_shared<TemplateOptions>();
  CLI::App* command = app.add_subcommand(
      "template",
      "Shows what a chat template makes of messages\n"
      "\n"
      "Examples:\n"
      "  pangu template MODEL --messages chat.json --tools tools.json\n"
      "  echo '[{\"role\": \"user\", \"content\": \"Hi\"}]' | pangu template MODEL --messages -");
  add_model_argument(*command, o->model,
                     "Hugging Face folder, GGUF file, bundled model, or a .jinja file");
  command->add_option("--messages", o->messages, "JSON array of messages; - is standard input")
      ->type_name("FILE")
      ->required()
      ->group("Conversation");
  command->add_option("--tools", o->tools, "JSON array of tools that the model may call")
      ->type_name("FILE")
      ->group("Conversation");
  command
      ->add_option("--var", o->variables,
                   "Another variable of the template; VALUE is JSON or a text. May be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group("Conversation");
  command
      ->add_flag("--no-generation-prompt", o->no_generation_prompt,
                 "End after the last message, without the beginning of a reply")
      ->group("Conversation");
  add_common_options(*command, o->common);
  command->callback([o] { template_command(*o); });
}

}  // namespace pangu::app
