// SPDX-License-Identifier: Apache-2.0
#include "serve/testing/protocol_feed.h"

#include <gtest/gtest.h>

#include "text/chat/tool_call_writer.h"

namespace pangu::test {

GeneratedToken MadeUpReply::token(std::size_t i) const {
  const std::string& text = tokens.at(i);
  GeneratedToken out{.id = static_cast<TokenId>(i), .text = {}, .logprob = {}, .top = {}};
  if (text.starts_with('~')) {
    out.reasoning = text.substr(1);
  } else if (text.starts_with('+') || text.starts_with('=')) {
    out.tool_calls.push_back(call_delta(i));
  } else {
    out.text = text;
  }
  return out;
}

ToolCallDelta MadeUpReply::call_delta(std::size_t i) const {
  ToolCallDelta out{.index = -1, .id = {}, .name = {}, .arguments = {}};
  std::string arguments;
  for (std::size_t j = 0; j <= i; ++j) {
    if (tokens[j].starts_with('+')) ++out.index, arguments.clear();
    if (tokens[j].starts_with('=')) arguments += tokens[j].substr(1);
  }
  if (tokens[i].starts_with('+')) {
    out.id = "call_" + std::to_string(out.index);
    out.name = tokens[i].substr(1);
  } else {
    out.arguments = tokens[i].substr(1);
    out.is_complete = Json::accept(arguments);
  }
  return out;
}

Generation MadeUpReply::generation() const {
  Generation out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const GeneratedToken one = token(i);
    out.ids.push_back(one.id);
    out.text += one.text;
    out.reasoning += one.reasoning;
    for (const ToolCallDelta& delta : one.tool_calls) add_delta(out.tool_calls, delta);
    out.thinking_tokens += one.reasoning.empty() ? 0 : 1;
  }
  out.finish_reason = finish;
  out.stop_text = stop_text;
  out.prompt_tokens = 10;
  out.cached_tokens = 4;
  out.prefill_s = 0.25;
  out.decode_s = 0.5;
  return out;
}

std::vector<serve::Choice> MadeUpReply::choices() const {
  std::vector<serve::Choice> out(1);
  out[0].generation = generation();
  out[0].seconds = 1;
  return out;
}

std::string streamed(serve::Protocol& protocol, const MadeUpReply& reply) {
  std::string out = protocol.stream_begin();
  for (std::size_t i = 0; i < reply.tokens.size(); ++i) {
    out += protocol.stream_token(0, reply.token(i));
  }
  const std::vector<serve::Choice> choices = reply.choices();
  out += protocol.stream_choice_end(0, *choices[0].generation);
  return out + protocol.stream_end(choices);
}

std::vector<Json> typed_events(std::string_view stream) {
  std::vector<Json> out;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n"), line = stream.find("\ndata: ");
    if (!stream.starts_with("event: ") || end == stream.npos || line > end) {
      ADD_FAILURE() << "no event: " << stream;
      return out;
    }
    out.push_back(Json::parse(stream.substr(line + 7, end - line - 7)));
    EXPECT_EQ(stream.substr(7, line - 7), out.back().value("type", ""));
    stream.remove_prefix(end + 2);
  }
  return out;
}

std::vector<Json> lines_of(std::string_view stream) {
  std::vector<Json> out;
  while (!stream.empty()) {
    const std::size_t end = stream.find('\n');
    if (end == stream.npos) {
      ADD_FAILURE() << "no line: " << stream;
      return out;
    }
    out.push_back(Json::parse(stream.substr(0, end)));
    stream.remove_prefix(end + 1);
  }
  return out;
}

std::string types_of(const std::vector<Json>& events) {
  std::string out;
  for (const Json& event : events) {
    out += (out.empty() ? "" : " ") + event.at("type").get<std::string>();
  }
  return out;
}

}  // namespace pangu::test
