// SPDX-License-Identifier: Apache-2.0
// Any bytes as the body of a request in each protocol's form: read, or refused as a client's fault.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "serve/api/anthropic_request.h"
#include "serve/api/ollama_request.h"
#include "serve/api/responses_request.h"
#include "serve/api_error.h"

namespace {

namespace serve = pangu::serve;
using pangu::Json;
using serve::Fields;

void check_chat(const serve::ChatRequest& chat) {
  const std::string& tools = chat.options.tools;
  const std::size_t n = tools.empty() ? 0 : Json::parse(tools).size();
  if (n != chat.tools.each.size() || (n == 0 && chat.tool_choice.must_call)) std::abort();
  for (const pangu::Message& message : chat.messages) {
    if (message.role.empty()) std::abort();
    if (!message.tool_calls.empty() && !Json::parse(message.tool_calls).is_array()) std::abort();
    if (!message.extra.empty() && !Json::parse(message.extra).is_object()) std::abort();
  }
}

template <class Read>
void try_read(const pangu::OrderedJson& json, Read read) {
  try {
    Fields body(json);
    read(body);
    // It becomes part of a header.
    if (body.unused().find_first_of("\r\n") != std::string::npos) std::abort();
  } catch (const serve::ApiError& error) {
    if (error.status != 400) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  pangu::OrderedJson json;
  try {
    json = serve::parse_body(text);
  } catch (const serve::ApiError&) {
    return 0;
  }
  const serve::RequestLimits limits;
  try_read(json, [&](Fields& body) { check_chat(serve::read_chat(body)); });
  try_read(json, [&](Fields& body) {
    serve::ReplyWishes wishes = serve::read_anthropic_wishes(body, {}, limits);
    check_chat(serve::read_anthropic_chat(body, wishes.options));
  });
  try_read(json, [&](Fields& body) {
    serve::refuse_responses_unsupported(body);
    const serve::ReplyWishes wishes = serve::read_responses_wishes(body, {}, limits);
    check_chat(serve::read_responses_chat(body));
    static_cast<void>(serve::response_head(body, "m", wishes));
  });
  try_read(json, [&](Fields& body) {
    static_cast<void>(serve::read_ollama_wishes(body, {}, limits));
    check_chat(serve::read_ollama_chat(body));
  });
  try_read(json, [](Fields& body) { check_chat(serve::read_ollama_prompt(body).chat); });
  return 0;
}
