// SPDX-License-Identifier: Apache-2.0
#include "apps/run/reply_printer.h"

#include <cstdlib>

#include "apps/shared/output.h"
#include "apps/shared/terminal_mode.h"

namespace pangu::app {
namespace {

/// https://no-color.org; a terminal named dumb obeys nothing.
bool terminal_can_dim() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return is_terminal_stdout() && !(no_color && *no_color) &&
         !(terminal && std::string_view(terminal) == "dumb");
}

}  // namespace

ReplyPrinter::ReplyPrinter(bool show_reasoning)
    : shows_reasoning_(show_reasoning || is_terminal_stdout()), dims_(terminal_can_dim()) {}

ReplyPrinter::~ReplyPrinter() {
  try {
    set_dim(false);
  } catch (...) {  // nobody reads any more
  }
}

void ReplyPrinter::begin(Part part) {
  if (part_ == part) return;
  if (part_ == Part::kReasoning) set_dim(false);
  const bool is_first = part_ == Part::kNone;
  if (!is_first) print("\n\n");
  if (part == Part::kReasoning) {
    if (dims_) set_dim(true);
    print("Thinking:\n");
  } else if (!is_first) {
    print("Answer:\n");
  }
  part_ = part;
}

void ReplyPrinter::add(const GeneratedToken& token) {
  if (shows_reasoning_ && !token.reasoning.empty()) {
    begin(Part::kReasoning);
    print(token.reasoning);
  }
  if (token.text.empty()) return;
  begin(Part::kAnswer);
  print(token.text);
}

void ReplyPrinter::end() {
  set_dim(false);
  print("\n");
}

}  // namespace pangu::app
