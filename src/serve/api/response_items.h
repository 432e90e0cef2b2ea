// SPDX-License-Identifier: Apache-2.0
// The output of a response: items of reasoning, of text and of calls, and the events of a stream
// that make them (https://platform.openai.com/docs/api-reference/responses-streaming).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/json.h"
#include "pangu/generation.h"

namespace pangu::serve {

/// Writes items as pieces of a reply come. Every method returns the events that this makes, without
/// their numbers; output() is what they come to.
class ResponseItems {
 public:
  /// Thoughts come in the model's own words, or, where a summary is asked for, as one: clients that
  /// ask show nothing else.
  explicit ResponseItems(bool reasoning_as_summary) : as_summary_(reasoning_as_summary) {}

  std::vector<Json> add_reasoning(const std::string& text);
  std::vector<Json> add_text(const std::string& text);
  std::vector<Json> add_call(const ToolCallDelta& call);
  /// The reply is over. One that has nothing is an empty message.
  std::vector<Json> finish(const Generation& generation);

  const Json& output() const { return output_; }

 private:
  struct Kind;
  std::vector<Json> add(const Kind& kind, const std::string& text);
  void begin(const Kind& kind, std::vector<Json>& events);
  void end(const char* status, std::vector<Json>& events);
  void end_parts(std::vector<Json>& events);
  void end_arguments(std::vector<Json>& events);
  Json part() const;
  Json item(const char* status) const;
  Json call_item(const char* status) const;
  /// An event about the open item.
  Json item_event(const char* type) const;
  /// An event about its part.
  Json part_event(const char* type) const;

  static const Kind kMessage, kReasoning, kSummary, kCall;

  bool as_summary_;
  const Kind* open_ = nullptr;  ///< of the item that is being written
  std::string id_, text_;       ///< of it
  ToolCallDelta call_ = {};     ///< that it is, with how far it came; its arguments are text_
  Json output_ = Json::array();
};

}  // namespace pangu::serve
