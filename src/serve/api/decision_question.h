// SPDX-License-Identifier: Apache-2.0
// What a decision asks: a question with options behind it, in several orders, as prompts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runtime/score/scoring.h"
#include "serve/api/chat_messages.h"
#include "serve/api/fields.h"
#include "serve/api/presentation.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

struct DecisionQuestion {
  ChatRequest chat;       ///< its last message is the question
  bool is_plain = false;  ///< the question is a text, for a model without a chat template
  /// What the model writes before it answers at once: markers of thinking, closed as they open.
  std::string thinking;
  std::vector<std::string> options;
  std::string instruction;  ///< behind the list of options; none if empty
};

/// Reads messages or prompt, options and instruction. Throws ApiError.
DecisionQuestion read_decision_question(const ServedModel& model, Fields& body);

/// Reads orders: how many there are to be of so many options. Throws ApiError.
std::vector<Presentation> read_orders(Fields& body, std::size_t options);

/// The prompts of each order, with the label of every place behind them, which is what is scored.
/// Throws ApiError where one leaves no room.
std::vector<Scorer::Group> decision_groups(const ServedModel& model,
                                           const DecisionQuestion& question,
                                           std::span<const Presentation> orders);

}  // namespace pangu::serve
