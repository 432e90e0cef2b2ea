// SPDX-License-Identifier: Apache-2.0
#include "apps/run/chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "apps/shared/output.h"
#include "base/clipped.h"
#include "base/error.h"
#include "base/escaped.h"
#include "base/log.h"
#include "base/nearest_name.h"
#include "base/utf8.h"

namespace pangu::app {
namespace {

constexpr const char* kCommandHelp =
    "/reset  begins a new conversation\n"
    "/exit   ends the program, as /quit, /bye and Ctrl-D do\n"
    "/help   shows this list\n"
    "Ctrl-C  stops an answer\n"
    "Text that is pasted is one message, however many lines it has. A message may begin with a\n"
    "slash after a blank.\n";

enum class Command { kNone, kReset, kExit, kHelp };

struct CommandName {
  std::string_view name;
  Command command;
};
constexpr CommandName kCommandNames[] = {{"/reset", Command::kReset},
                                         {"/exit", Command::kExit},
                                         {"/quit", Command::kExit},
                                         {"/bye", Command::kExit},
                                         {"/help", Command::kHelp}};

/// Whether a message is meant as a command: "/" with letters, alone on its line, or with more
/// behind a blank. A path has another slash, a pasted text more lines.
bool looks_like_command(std::string_view message) {
  if (!message.starts_with('/') || message.find('\n') != message.npos) return false;
  const std::string_view word = message.substr(1, message.find_first_of(" \t") - 1);
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

/// Throws InputError for a command that is none, naming the nearest.
Command command_of(std::string_view message) {
  if (!looks_like_command(message)) return Command::kNone;
  const std::string_view end_blanks = message.substr(0, message.find_last_not_of(" \t") + 1);
  std::vector<std::string_view> names;
  for (const CommandName& row : kCommandNames) {
    if (row.name == end_blanks) return row.command;
    names.push_back(row.name);
  }
  const std::string word(message.substr(0, message.find_first_of(" \t")));
  const bool is_known = std::ranges::find(names, word) != names.end();
  fail<InputError>(
      "[chat] '{}' is no command{}.{} Commands are {}. To send it as a message, put a blank in "
      "front.",
      clipped(message, 60), is_known ? ": " + word + " stands alone" : "",
      is_known ? "" : did_you_mean(word, names), fmt::join(names, ", "));
}

bool says_nothing(std::string_view message) {
  return message.find_first_not_of(" \t\n") == std::string_view::npos;
}

class Conversation {
 public:
  Conversation(Session& session, MessageReader& reader)
      : session_(session), reader_(reader), messages_(opening(session.options())) {}

  void run() {
    if (reader_.is_typed() && !session_.options().common.quiet) {
      note("Type a message. /help lists the commands, Ctrl-D ends.\n");
    }
    bool goes_on = true;
    bool has_something = reader_.is_typed();
    for (std::string message; goes_on && reader_.next(message);) {
      has_something = has_something || !says_nothing(message);
      goes_on = take(std::move(message));
    }
    if (!has_something) log::warning("[chat] standard input has no message: nothing was asked.");
  }

 private:
  /// Returns whether the conversation goes on. What cannot be done leaves it as it was: someone who
  /// types may go on, a file of messages ends there.
  bool take(std::string message) {
    const std::vector<Message> before = messages_;
    try {
      return obey_or_answer(std::move(message));
    } catch (const InputError& error) {
      messages_ = before;
      if (!reader_.is_typed()) throw;
      note(std::string("pangu: ") + escaped(error.what()) + "\n");
      return true;
    }
  }

  bool obey_or_answer(std::string message) {
    switch (command_of(message)) {
      case Command::kExit:
        return false;
      case Command::kReset:
        messages_ = opening(session_.options());
        session_.begin_conversation();
        return true;
      case Command::kHelp:
        note(kCommandHelp);
        return true;
      case Command::kNone:
        break;
    }
    if (!says_nothing(message)) answer(std::move(message));
    return true;
  }

  void answer(std::string message) {
    utf8::require_valid(message, "the message");
    messages_.push_back({.role = "user", .content = std::move(message)});
    session_.prepare(messages_);
    const std::vector<TokenId> prompt =
        session_.options().trims() ? trimmed_prompt() : whole_prompt();
    const Answer answer = session_.answer(prompt);
    messages_.push_back({.role = "assistant", .content = answer.generation.text});
  }

  std::vector<TokenId> whole_prompt() {
    const Engine& engine = session_.engine();
    auto prompt = engine.chat_prompt(messages_, session_.thinking());
    const auto tokens = static_cast<std::int64_t>(prompt.size());
    const bool has_turns = messages_.size() > opening(session_.options()).size() + 1;
    if (has_turns && tokens >= engine.context()) {
      fail<InputError>(
          "[chat] the conversation has {} tokens, but the context holds {} and an answer needs "
          "room "
          "too. --on-full trim leaves the oldest turns out, --ctx makes the context larger, /reset "
          "begins a new conversation.",
          tokens, engine.context());
    }
    return prompt;
  }

  /// Leaves out what is too old for good: each turn would leave it out again.
  std::vector<TokenId> trimmed_prompt() {
    const RunOptions& o = session_.options();
    FittedPrompt fitted =
        session_.engine().fitted_chat_prompt(messages_, session_.reply_room(), session_.thinking());
    if (fitted.dropped > 0) {
      const auto begin = messages_.begin() + std::ssize(opening(o));
      messages_.erase(begin, begin + static_cast<std::ptrdiff_t>(fitted.dropped));
      log::warning(
          "[chat] the context is full: the oldest {} messages were left out of the "
          "conversation, for good.",
          fitted.dropped);
    }
    return std::move(fitted.ids);
  }

  Session& session_;
  MessageReader& reader_;
  std::vector<Message> messages_;
};

}  // namespace

std::vector<Message> opening(const RunOptions& options) {
  std::vector<Message> messages;
  if (options.system) messages.push_back({.role = "system", .content = *options.system});
  return messages;
}

void converse(Session& session, MessageReader& reader) {
  Conversation(session, reader).run();
}

}  // namespace pangu::app
