// SPDX-License-Identifier: Apache-2.0
// A conversation put together from pieces, for protocols in which what the assistant thought, said
// and called comes apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/ordered_json.h"
#include "pangu/chat.h"
#include "serve/api/chat_messages.h"

namespace pangu::serve {

/// What an assistant said in one turn.
struct AssistantTurn {
  std::string reasoning, text;
  bool has_text = false;
  OrderedJson calls = OrderedJson::array();
};

class Conversation {
 public:
  /// A whole message of anybody but the assistant.
  void add(std::string role, std::string text);

  // Pieces of the assistant's turn. They become one message for as long as they come in this order;
  // texts that follow each other are lines of it.
  void add_reasoning(std::string_view text);
  void add_answer(std::string_view text);
  /// `arguments` is a JSON object as text.
  void add_call(const std::string& id, const std::string& name, std::string arguments);

  /// What a tool gave back; a call is known by its id, a tool by its name, and either may be empty.
  void add_result(const std::string& id, std::string text, std::string name = {});

  bool empty() const { return messages_.empty() && !turn_; }

  /// All of it; a last text of the assistant's is the beginning of the reply. Throws ApiError
  /// naming `key`, as take_answer() does.
  ChatRequest finish(std::string_view key);

 private:
  AssistantTurn& turn();
  void end_turn();

  std::vector<Message> messages_;
  std::optional<AssistantTurn> turn_;
};

}  // namespace pangu::serve
