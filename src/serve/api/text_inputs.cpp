// SPDX-License-Identifier: Apache-2.0
#include "serve/api/text_inputs.h"

#include <fmt/format.h>

#include <utility>

#include "serve/api/prompt_checks.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

constexpr const char* kExpected = "a string, tokens, or a list of either";

std::vector<TokenId> read_ids(Fields& body, std::string_view key, const OrderedJson& list) {
  std::vector<TokenId> ids;
  for (const OrderedJson& id : list) {
    if (!id.is_number_integer() || id < 0 || id > INT32_MAX) body.reject(key, kExpected);
    ids.push_back(id.get<TokenId>());
  }
  return ids;
}

/// Each a string or an array of tokens.
std::vector<OrderedJson> split(Fields& body, std::string_view key, std::int64_t most) {
  const OrderedJson* given = body.find(key);
  if (given == nullptr) {
    throw bad_request(body.name(key), body.name(key) + " is missing.");
  }
  if (given->is_string()) return {*given};
  if (!given->is_array() || given->empty()) body.reject(key, kExpected);
  if (given->front().is_number()) return {*given};
  if (std::ssize(*given) > most) body.reject(key, fmt::format("at most {} texts", most));
  for (const OrderedJson& one : *given) {
    if (!one.is_string() && !one.is_array()) body.reject(key, kExpected);
  }
  return {given->begin(), given->end()};
}

std::vector<TokenId> tokens_of(const ServedModel& model, Fields& body, std::string_view key,
                               const OrderedJson& given) {
  if (given.is_string()) return text_prompt(model, given.get_ref<const std::string&>());
  return checked_prompt(model, [&](std::int64_t) { return read_ids(body, key, given); });
}

}  // namespace

std::vector<TextInput> read_text_inputs(const ServedModel& model, Fields& body,
                                        std::string_view key, std::int64_t most) {
  std::vector<TextInput> out;
  for (const OrderedJson& given : split(body, key, most)) {
    TextInput one{.ids = tokens_of(model, body, key, given)};
    one.text =
        given.is_string() ? given.get<std::string>() : model.engine().tokenizer()->decode(one.ids);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace pangu::serve
