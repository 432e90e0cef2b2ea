// SPDX-License-Identifier: Apache-2.0
// What a request is refused with: OpenAI's form of errors
// (https://platform.openai.com/docs/guides/error-codes), with the names of its types.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "io/json.h"
#include "serve/http/exchange.h"

namespace pangu::serve {

struct ApiError : std::runtime_error {
  ApiError(int http_status, std::string error_type, const std::string& message)
      : std::runtime_error(message), status(http_status), type(std::move(error_type)) {}

  int status;
  std::string type;
  std::string param = {};       ///< key of the body that is wrong; none if empty
  std::string code = {};        ///< for programs; none if empty
  Json extra = Json::object();  ///< more keys of the error
  int retry_after = 0;          ///< seconds; 0: nothing is said
};

/// 400: something about the request is wrong; `param` names the key.
ApiError bad_request(std::string param, const std::string& message);
/// 404.
ApiError not_found(const std::string& message);
/// 429: the queue is full.
ApiError too_many(const std::string& message, int retry_after);
/// 503: not now.
ApiError unavailable(const std::string& message);
/// 400: a prompt that leaves no room for a reply.
ApiError context_exceeded(std::int64_t prompt_tokens, bool or_more, std::int64_t context);

/// The error that an exception means: what a caller did wrong is a 400, what the machine has no
/// room for a 503, anything else a 500.
ApiError as_api_error(const std::exception_ptr& error);

/// {"error": {"message", "type", "param", "code", ...}}
Json error_json(const ApiError& error);
HttpResponse error_response(const ApiError& error);

/// How a protocol writes an error where no stream has begun; error_response() is OpenAI's way.
using ErrorForm = HttpResponse (*)(const ApiError& error);
/// An answer with the status and headers that an error asks for, and a body of another form.
HttpResponse error_answer(const ApiError& error, const Json& body);

}  // namespace pangu::serve
