// SPDX-License-Identifier: Apache-2.0
#include "serve/api/conversation.h"

#include <utility>

namespace pangu::serve {
namespace {

void add_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

}  // namespace

void Conversation::add(std::string role, std::string text) {
  end_turn();
  messages_.push_back({.role = std::move(role), .content = std::move(text)});
}

void Conversation::add_reasoning(std::string_view text) {
  if (turn_ && (turn_->has_text || !turn_->calls.empty())) end_turn();
  add_line(turn().reasoning, text);
}

void Conversation::add_answer(std::string_view text) {
  if (turn_ && !turn_->calls.empty()) end_turn();
  add_line(turn().text, text);
  turn_->has_text = true;
}

void Conversation::add_call(const std::string& id, const std::string& name, std::string arguments) {
  turn().calls.push_back({{"id", id},
                          {"type", "function"},
                          {"function", {{"name", name}, {"arguments", std::move(arguments)}}}});
}

void Conversation::add_result(const std::string& id, std::string text, std::string name) {
  add("tool", std::move(text));
  messages_.back().name = std::move(name);
  if (!id.empty()) messages_.back().extra = json_text({{"tool_call_id", id}});
}

ChatRequest Conversation::finish(std::string_view key) {
  end_turn();
  ChatRequest out{.messages = std::move(messages_)};
  take_answer(out, key);
  return out;
}

AssistantTurn& Conversation::turn() {
  if (!turn_) turn_.emplace();
  return *turn_;
}

void Conversation::end_turn() {
  if (!turn_) return;
  Message message{.role = "assistant", .content = std::move(turn_->text)};
  Json extra = Json::object();
  if (!turn_->reasoning.empty()) extra["reasoning_content"] = std::move(turn_->reasoning);
  if (!turn_->calls.empty()) {
    message.tool_calls = json_text(turn_->calls);
    if (!turn_->has_text) extra["content"] = nullptr;
  }
  if (!extra.empty()) message.extra = json_text(extra);
  messages_.push_back(std::move(message));
  turn_.reset();
}

}  // namespace pangu::serve
