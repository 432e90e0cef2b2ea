// SPDX-License-Identifier: Apache-2.0
#include "serve/api/response_items.h"

#include <utility>

#include "serve/http/random_name.h"

namespace pangu::serve {

/// How an item of one part is named. Calls have no parts.
struct ResponseItems::Kind {
  const char *type, *id_prefix;
  const char *list, *index;  ///< where its part is
  const char* part;          ///< its type
  const char *part_added, *delta, *done, *part_done;
};

const ResponseItems::Kind ResponseItems::kMessage = {.type = "message",
                                                     .id_prefix = "msg_",
                                                     .list = "content",
                                                     .index = "content_index",
                                                     .part = "output_text",
                                                     .part_added = "response.content_part.added",
                                                     .delta = "response.output_text.delta",
                                                     .done = "response.output_text.done",
                                                     .part_done = "response.content_part.done"};

const ResponseItems::Kind ResponseItems::kReasoning = {.type = "reasoning",
                                                       .id_prefix = "rs_",
                                                       .list = "content",
                                                       .index = "content_index",
                                                       .part = "reasoning_text",
                                                       .part_added = "response.content_part.added",
                                                       .delta = "response.reasoning_text.delta",
                                                       .done = "response.reasoning_text.done",
                                                       .part_done = "response.content_part.done"};

const ResponseItems::Kind ResponseItems::kSummary = {
    .type = "reasoning",
    .id_prefix = "rs_",
    .list = "summary",
    .index = "summary_index",
    .part = "summary_text",
    .part_added = "response.reasoning_summary_part.added",
    .delta = "response.reasoning_summary_text.delta",
    .done = "response.reasoning_summary_text.done",
    .part_done = "response.reasoning_summary_part.done"};

const ResponseItems::Kind ResponseItems::kCall = {.type = "function_call",
                                                  .id_prefix = "fc_",
                                                  .list = nullptr,
                                                  .index = nullptr,
                                                  .part = nullptr,
                                                  .part_added = nullptr,
                                                  .delta = "response.function_call_arguments.delta",
                                                  .done = "response.function_call_arguments.done",
                                                  .part_done = nullptr};

std::vector<Json> ResponseItems::add_reasoning(const std::string& text) {
  return add(as_summary_ ? kSummary : kReasoning, text);
}

std::vector<Json> ResponseItems::add_text(const std::string& text) {
  return add(kMessage, text);
}

std::vector<Json> ResponseItems::add(const Kind& kind, const std::string& text) {
  std::vector<Json> events;
  if (text.empty()) return events;
  if (open_ != &kind) {
    end("completed", events);
    begin(kind, events);
  }
  text_ += text;
  Json delta = part_event(kind.delta);
  delta["delta"] = text;
  if (&kind == &kMessage) delta["logprobs"] = Json::array();
  events.push_back(std::move(delta));
  return events;
}

std::vector<Json> ResponseItems::add_call(const ToolCallDelta& call) {
  std::vector<Json> events;
  if (!call.id.empty()) {
    end("completed", events);
    call_ = {.index = call.index, .id = call.id, .name = call.name, .arguments = {}};
    begin(kCall, events);
  }
  call_.is_complete = call.is_complete;
  if (call.arguments.empty()) return events;
  text_ += call.arguments;
  events.push_back(item_event(kCall.delta));
  events.back()["delta"] = call.arguments;
  return events;
}

std::vector<Json> ResponseItems::finish(const Generation& generation) {
  std::vector<Json> events;
  if (open_ == nullptr && output_.empty()) begin(kMessage, events);
  const bool is_cut = generation.finish_reason == FinishReason::kLength;
  end(is_cut ? "incomplete" : "completed", events);
  return events;
}

void ResponseItems::begin(const Kind& kind, std::vector<Json>& events) {
  open_ = &kind;
  id_ = random_name(kind.id_prefix);
  text_.clear();
  Json empty = item("in_progress");
  if (kind.list != nullptr) empty[kind.list] = Json::array();
  events.push_back({{"type", "response.output_item.added"},
                    {"output_index", output_.size()},
                    {"item", std::move(empty)}});
  if (kind.list == nullptr) return;
  Json added = part_event(kind.part_added);
  added["part"] = part();
  events.push_back(std::move(added));
}

void ResponseItems::end(const char* status, std::vector<Json>& events) {
  if (open_ == nullptr) return;
  if (open_ == &kCall) {
    if (!call_.is_complete) status = "incomplete";
    end_arguments(events);
  } else {
    end_parts(events);
  }
  Json whole = item(status);
  events.push_back(
      {{"type", "response.output_item.done"}, {"output_index", output_.size()}, {"item", whole}});
  output_.push_back(std::move(whole));
  open_ = nullptr;
}

void ResponseItems::end_parts(std::vector<Json>& events) {
  Json done = part_event(open_->done);
  done["text"] = text_;
  if (open_ == &kMessage) done["logprobs"] = Json::array();
  events.push_back(std::move(done));
  Json part_done = part_event(open_->part_done);
  part_done["part"] = part();
  events.push_back(std::move(part_done));
}

void ResponseItems::end_arguments(std::vector<Json>& events) {
  Json done = item_event(kCall.done);
  done["name"] = call_.name;
  done["arguments"] = text_;
  events.push_back(std::move(done));
}

Json ResponseItems::part() const {
  Json out = {{"type", open_->part}, {"text", text_}};
  if (open_ == &kMessage) {
    out["annotations"] = Json::array();
    out["logprobs"] = Json::array();
  }
  return out;
}

Json ResponseItems::item(const char* status) const {
  if (open_ == &kCall) return call_item(status);
  Json out = {{"id", id_}, {"type", open_->type}, {"status", status}};
  if (open_ == &kMessage) {
    out["role"] = "assistant";
  } else {
    out["summary"] = Json::array();
    out["encrypted_content"] = nullptr;
  }
  out[open_->list] = Json::array({part()});
  return out;
}

Json ResponseItems::call_item(const char* status) const {
  return {{"id", id_},           {"type", kCall.type}, {"status", status},
          {"call_id", call_.id}, {"name", call_.name}, {"arguments", text_}};
}

Json ResponseItems::item_event(const char* type) const {
  return {{"type", type}, {"item_id", id_}, {"output_index", output_.size()}};
}

Json ResponseItems::part_event(const char* type) const {
  Json out = item_event(type);
  out[open_->index] = 0;
  return out;
}

}  // namespace pangu::serve
