// SPDX-License-Identifier: Apache-2.0
#include "serve/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

constexpr int kInternal = 1, kServer = 2;  // SpanKind
constexpr int kFailed = 2;                 // StatusCode

bool is_trace_hex(std::string_view text) {
  return std::ranges::all_of(
             text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

/// `digits` random hexadecimal ones, 32 at most.
std::string random_trace_id(std::size_t digits) {
  return (random_name("") + random_name("")).substr(0, digits);
}

Json attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

/// 64-bit numbers are texts in this form.
Json attribute(std::string_view key, std::int64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

}  // namespace

TraceParent read_trace_parent(std::string_view header) {
  // 00-<32 digits>-<16 digits>-<2 digits>; later versions may have more behind.
  const bool has_form = header.size() >= 55 && header[2] == '-' && header[35] == '-' &&
                        header[52] == '-' && !header.starts_with("ff") &&
                        (header.size() == 55 || (!header.starts_with("00") && header[55] == '-'));
  if (has_form && is_trace_hex(header.substr(3, 32)) && is_trace_hex(header.substr(36, 16))) {
    return {.trace_id = std::string(header.substr(3, 32)),
            .span_id = std::string(header.substr(36, 16))};
  }
  return {.trace_id = random_trace_id(32), .span_id = {}};
}

RequestTrace::RequestTrace(const HttpRequest& request)
    : method_(request.method),
      path_(clipped(request.path)),
      id_(request.id),
      parent_(read_trace_parent(request.header("traceparent"))),
      span_id_(random_trace_id(16)),
      began_(std::chrono::system_clock::now().time_since_epoch()) {}

void RequestTrace::add_replies(const std::string& model, const std::vector<Choice>& choices) {
  const std::lock_guard lock(mutex_);
  for (const Choice& choice : choices) {
    if (!choice.generation) continue;
    const Generation& g = *choice.generation;
    replies_.push_back({.model = model,
                        .finish = std::string(name(g.finish_reason)),
                        .first_token_s = choice.first_token_s,
                        .prefill_s = g.prefill_s,
                        .seconds = choice.seconds,
                        .prompt_tokens = g.prompt_tokens,
                        .cached_tokens = g.cached_tokens,
                        .reply_tokens = std::ssize(g.ids)});
  }
}

Json RequestTrace::span(std::string name, std::string_view parent, double begin_s,
                        double end_s) const {
  const auto at = [&](double s) {
    return std::to_string(began_.count() + static_cast<std::int64_t>(s * 1e9));
  };
  Json out = {{"traceId", parent_.trace_id},      {"spanId", random_trace_id(16)},
              {"name", std::move(name)},          {"kind", kInternal},
              {"startTimeUnixNano", at(begin_s)}, {"endTimeUnixNano", at(std::max(begin_s, end_s))},
              {"attributes", Json::array()}};
  if (!parent.empty()) out["parentSpanId"] = parent;
  return out;
}

/// A reply, and within it the wait, the prompt and the tokens.
void RequestTrace::add_spans(Json& spans, const Reply& r) const {
  Json reply = span("chat " + r.model, span_id_, 0, r.seconds);
  reply["attributes"] = {attribute("gen_ai.request.model", r.model),
                         attribute("gen_ai.usage.input_tokens", r.prompt_tokens),
                         attribute("gen_ai.usage.cached_input_tokens", r.cached_tokens),
                         attribute("gen_ai.usage.output_tokens", r.reply_tokens),
                         attribute("gen_ai.response.finish_reasons", r.finish)};
  const std::string id = reply["spanId"];
  const double first = r.first_token_s > 0 ? r.first_token_s : r.seconds;
  const double admitted = std::max(0.0, first - r.prefill_s);
  spans.push_back(std::move(reply));
  spans.push_back(span("queue", id, 0, admitted));
  spans.push_back(span("prefill", id, admitted, first));
  if (r.reply_tokens > 1) spans.push_back(span("decode", id, first, r.seconds));
}

std::string RequestTrace::line(const Outcome& outcome) const {
  Json request = span(method_ + " " + path_, parent_.span_id, 0, outcome.seconds);
  request["spanId"] = span_id_;
  request["kind"] = kServer;
  request["attributes"] = {
      attribute("http.request.method", method_), attribute("url.path", path_),
      attribute("http.response.status_code", std::int64_t{outcome.status}),
      attribute("http.response.body.size", static_cast<std::int64_t>(outcome.bytes)),
      attribute("pangu.request_id", id_)};
  if (outcome.status >= 500) request["status"] = {{"code", kFailed}};
  Json spans = Json::array({std::move(request)});
  {
    const std::lock_guard lock(mutex_);
    for (const Reply& reply : replies_) add_spans(spans, reply);
  }
  const Json scope = {{"scope", {{"name", "pangu"}}}, {"spans", std::move(spans)}};
  const Json all = {
      {"resourceSpans",
       Json::array(
           {{{"resource", {{"attributes", Json::array({attribute("service.name", "pangu")})}}},
             {"scopeSpans", Json::array({scope})}}})}};
  return json_text(all);
}

}  // namespace pangu::serve
