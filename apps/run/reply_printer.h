// SPDX-License-Identifier: Apache-2.0
// A reply on standard output as it comes, with its reasoning set apart where that is wanted.
#pragma once

#include <string_view>

#include "pangu/engine.h"

namespace pangu::app {

class ReplyPrinter {
 public:
  /// On a terminal reasoning is shown, dimly; elsewhere only if `show_reasoning`. Where it is
  /// shown, headings tell it from the answer.
  explicit ReplyPrinter(bool show_reasoning);
  ~ReplyPrinter();
  ReplyPrinter(const ReplyPrinter&) = delete;
  ReplyPrinter& operator=(const ReplyPrinter&) = delete;

  void add(const GeneratedToken& token);
  /// Ends the last line.
  void end();

  bool shows_reasoning() const { return shows_reasoning_; }

 private:
  enum class Part { kNone, kReasoning, kAnswer };
  void begin(Part part);

  bool shows_reasoning_;
  bool dims_;
  Part part_ = Part::kNone;
};

}  // namespace pangu::app
