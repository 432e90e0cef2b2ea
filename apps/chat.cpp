// SPDX-License-Identifier: Apache-2.0
#include "apps/chat.h"

#include <iostream>
#include <string>
#include <utility>

#include "apps/output.h"
#include "apps/text_input.h"
#include "base/utf8.h"
#include "pangu/error.h"

namespace pangu::app {
namespace {

constexpr const char* kHelp =
    "/reset  begins a new conversation\n"
    "/exit   ends the program, as Ctrl-D does\n"
    "/help   shows this list\n"
    "Ctrl-C  stops an answer\n";

class Conversation {
 public:
  explicit Conversation(Session& session)
      : session_(session),
        typed_(is_terminal_stdin() && is_terminal_stderr()),
        messages_(opening(session.options())) {}

  void run() {
    if (typed_ && !session_.options().common.quiet) {
      note("Type a message. /help lists the commands, Ctrl-D ends.\n");
    }
    for (std::string line; next_line(line);) {
      if (line == "/exit") break;
      if (line == "/reset") {
        messages_ = opening(session_.options());
      } else if (line == "/help") {
        note(kHelp);
      } else if (line.find_first_not_of(" \t") != std::string::npos) {
        take_turn(std::move(line));
      }
    }
  }

 private:
  bool next_line(std::string& line) {
    const std::string prompt = typed_ ? "> " : "";
    // Before the prompt is seen: who answers it with Ctrl-C must get the hint.
    session_.interrupts().begin_prompt("\nCtrl-C again, Ctrl-D or /exit ends the conversation.\n" +
                                       prompt);
    note(prompt);
    const bool got = static_cast<bool>(std::getline(std::cin, line));
    session_.interrupts().work();
    if (got && line.ends_with('\r')) line.pop_back();
    if (!got && typed_) note("\n");
    return got;
  }

  /// A turn that cannot be taken leaves the conversation as it was. Someone who types may go on.
  void take_turn(std::string line) {
    const std::size_t before = messages_.size();
    try {
      utf8::require_valid(line, "the message");
      messages_.push_back({.role = "user", .content = std::move(line)});
      const auto prompt = session_.engine().chat_prompt(messages_, session_.options().thinking());
      Answer answer = session_.answer(prompt);
      messages_.push_back({.role = "assistant", .content = std::move(answer.generation.text)});
    } catch (const InputError& error) {
      messages_.resize(before);
      if (!typed_) throw;
      note(std::string("pangu: ") + error.what() + " /reset begins a new conversation.\n");
    }
  }

  Session& session_;
  bool typed_;
  std::vector<ChatMessage> messages_;
};

}  // namespace

std::vector<ChatMessage> opening(const RunOptions& options) {
  std::vector<ChatMessage> messages;
  if (options.system) messages.push_back({.role = "system", .content = *options.system});
  return messages;
}

void converse(Session& session) {
  Conversation(session).run();
}

}  // namespace pangu::app
