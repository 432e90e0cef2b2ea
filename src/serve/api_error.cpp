// SPDX-License-Identifier: Apache-2.0
#include "serve/api_error.h"

#include <fmt/format.h>

#include "pangu/error.h"

namespace pangu::serve {
namespace {

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

}  // namespace

ApiError bad_request(std::string param, const std::string& message) {
  ApiError out(400, "invalid_request_error", message);
  out.param = std::move(param);
  return out;
}

ApiError not_found(const std::string& message) {
  return {404, "not_found_error", message};
}

ApiError too_many(const std::string& message, int retry_after) {
  ApiError out(429, "rate_limit_error", message);
  out.code = "queue_full";
  out.retry_after = retry_after;
  return out;
}

ApiError unavailable(const std::string& message) {
  ApiError out(503, "unavailable_error", message);
  out.retry_after = 1;
  return out;
}

ApiError context_exceeded(std::int64_t prompt_tokens, bool or_more, std::int64_t context) {
  ApiError out(
      400, "invalid_request_error",
      fmt::format("The prompt has {}{} tokens, but the context of this model has {}, and a "
                  "reply needs at least one. Send less, or start the server with a larger "
                  "--ctx.",
                  prompt_tokens, or_more ? " or more" : "", context));
  out.code = "context_length_exceeded";
  out.extra = {{"n_prompt_tokens", prompt_tokens}, {"n_ctx", context}};
  return out;
}

ApiError as_api_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ApiError& known) {
    return known;
  } catch (const OutOfMemory& memory) {
    return unavailable(memory.what());
  } catch (const NumericError& numbers) {
    return {500, "server_error", numbers.what()};
  } catch (const Cancelled&) {
    return unavailable("The server ends.");
  } catch (const FileError& file) {
    return {500, "server_error", file.what()};
  } catch (const Error& wrong) {
    return bad_request("", wrong.what());
  } catch (const std::exception& other) {
    return {500, "server_error", other.what()};
  }
}

Json error_json(const ApiError& error) {
  Json inner = {{"message", error.what()},
                {"type", error.type},
                {"param", or_null(error.param)},
                {"code", or_null(error.code)}};
  inner.update(error.extra);
  return {{"error", std::move(inner)}};
}

HttpResponse error_response(const ApiError& error) {
  return error_answer(error, error_json(error));
}

HttpResponse error_answer(const ApiError& error, const Json& body) {
  HttpResponse out{.status = error.status,
                   .content_type = "application/json",
                   .headers = {},
                   .body = json_text(body)};
  if (error.retry_after > 0) {
    out.headers.emplace_back("retry-after", std::to_string(error.retry_after));
  }
  if (error.status == 401) out.headers.emplace_back("www-authenticate", "Bearer");
  return out;
}

}  // namespace pangu::serve
