// SPDX-License-Identifier: Apache-2.0
// pangu run: generates text, one reply or a conversation.
#include <memory>
#include <string>
#include <vector>

#include "apps/run/chat.h"
#include "apps/run/session.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/log.h"
#include "base/unix_text.h"
#include "base/utf8.h"
#include "io/bundle_default.h"
#include "io/locate_model.h"

namespace pangu::app {
namespace {

Json logprob_json(const Tokenizer& tokenizer, const TokenLogprob& token) {
  return {{"id", token.id}, {"token", tokenizer.piece(token.id)}, {"logprob", token.logprob}};
}

Json logprobs_json(const Tokenizer& tokenizer, const std::vector<GeneratedToken>& tokens) {
  Json list = Json::array();
  for (const GeneratedToken& token : tokens) {
    Json entry = logprob_json(tokenizer, {token.id, token.logprob.value()});
    entry["top"] = Json::array();
    for (const TokenLogprob& other : token.top) {
      entry["top"].push_back(logprob_json(tokenizer, other));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json answer_json(const Session& session, const Answer& answer) {
  Json json = summary_json(session.summary(), session.options().common);
  json["text"] = answer.generation.text;
  if (session.options().chat) json["reasoning"] = answer.generation.reasoning;
  if (session.decision()) json["think"] = adaptive::thinking_json(*session.decision());
  json["context_full"] = answer.generation.context_full;
  json["ids"] = answer.generation.ids;
  json["temperature"] = session.sampling().temperature;
  json["seed"] = session.sampling().temperature > 0 ? Json(session.sampling().seed) : Json();
  if (session.route()) json["route"] = adaptive::route_json(*session.route());
  if (session.options().logprobs >= 0) {
    json["logprobs"] = logprobs_json(*session.engine().tokenizer(), answer.tokens);
  }
  return json;
}

/// The tokens of the one prompt that was given.
std::vector<TokenId> prompt_ids(Session& session, std::string text) {
  const RunOptions& o = session.options();
  if (!o.chat) return session.engine().text_prompt(text);
  std::vector<Message> messages = opening(o);
  messages.push_back({.role = "user", .content = std::move(text)});
  session.prepare(messages);
  return session.engine().chat_prompt(messages, session.thinking());
}

/// A text that may come from a file of Windows.
std::string usual_text(const std::string& text, const char* what) {
  utf8::require_valid(text, what);
  std::string out = unix_text(text);
  if (out.size() != text.size()) {
    log::info("a byte order mark or carriage returns of line ends were taken out of {}", what);
  }
  return out;
}

/// What was given with -p, after what was piped into standard input; or that alone.
std::string prompt_text(const RunOptions& o) {
  std::string piped;
  if (!o.prompt || !is_terminal_stdin()) piped = usual_text(read_stdin(), "standard input");
  if (!o.prompt && piped.empty()) {
    fail<InputError>(
        "[run] standard input has no text to continue (one newline at its end does not count). "
        "Give one with -p TEXT; -p \"\" begins with nothing.");
  }
  if (!o.prompt) return piped;
  std::string asked = usual_text(*o.prompt, "the prompt");
  if (piped.empty()) return asked;
  log::info("{} bytes of standard input come before the prompt", piped.size());
  return piped + "\n\n" + asked;
}

void reply_once(Session& session, std::string text) {
  const Answer answer = session.answer(prompt_ids(session, std::move(text)));
  if (session.options().common.json) print_json(answer_json(session, answer));
  session.note_summary();
  session.interrupts().check();
}

/// So that --spec draft has one where the bundle does.
void take_draft_of_bundle(RunOptions& options) {
  if (!options.speculation.draft.empty() || !bundle_default(options.model)) return;
  options.speculation.draft = adaptive::read_bundle(options.model).draft_folder().string();
}

void run_command(RunOptions& options) {
  options.chat = options.chat || options.automatic;
  if (options.automatic) {
    take_draft_of_bundle(options);
  } else {
    options.model = locate_model(options.model).string();
  }
  check_run_options(options);
  read_grammar(*options.app, options.grammar);
  start_log(options.common);  // reading what is piped in may have to say something
  const bool converses = options.chat && !options.prompt;
  std::string text;
  if (!converses) text = prompt_text(options);
  if (options.system) options.system = usual_text(*options.system, "the system message");
  for (const std::string& stop : options.stop) utf8::require_valid(stop, "the stop text");

  CommandFrame frame(options.common);
  if (!converses) {
    Session session(options, frame);
    return reply_once(session, std::move(text));
  }
  MessageReader reader(frame.interrupts());
  Session session(options, frame);
  converse(session, reader);
  session.note_summary();
}

}  // namespace

void add_run_command(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run",
                         "Continues a text, or converses; the reply goes to standard output\n"
                         "\n"
                         "Examples:\n"
                         "  pangu run MODEL -p \"Once upon a time\" --max-tokens 100\n"
                         "  pangu run MODEL --chat --think fast\n"
                         "  pangu run MODEL --chat -p \"Who is meant?\" < letter.txt\n"
                         "  pangu run BUNDLE --auto --explain -p \"What is 17 times 23?\"\n"
                         "  pangu run MODEL --chat -p \"Is 7 prime?\" --choices yes,no\n"
                         "  pangu run MODEL --temp 0.7 --top-p 0.9 < story.txt");
  add_run_options(*command, *options);
  command->callback([options] { run_command(*options); });
}

}  // namespace pangu::app
