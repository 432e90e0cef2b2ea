// SPDX-License-Identifier: Apache-2.0
// What became of a request and when, as a line that collectors of OpenTelemetry read (OTLP's JSON
// form, as their file receiver takes it: one ExportTraceServiceRequest a line). Names of attributes
// are those of OpenTelemetry's conventions for HTTP and for generative models. Never a text.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "serve/api/reply_run.h"
#include "serve/http/exchange.h"
#include "serve/observed_exchange.h"

namespace pangu::serve {

/// Where a request stands among those of other programs (W3C Trace Context, "traceparent").
struct TraceParent {
  std::string trace_id;  ///< 32 hexadecimal digits
  std::string span_id;   ///< 16, of the caller; empty if it named none
};

/// Reads a traceparent header; what is none begins a trace of its own, as the standard has it.
TraceParent read_trace_parent(std::string_view header);

/// One request, from its first line to the last byte of its answer. Any thread.
class RequestTrace {
 public:
  explicit RequestTrace(const HttpRequest& request);

  /// The replies that were written, once they are.
  void add_replies(const std::string& model, const std::vector<Choice>& choices);

  /// The line, without its end.
  std::string line(const Outcome& outcome) const;

 private:
  struct Reply {
    std::string model, finish;
    double first_token_s, prefill_s, seconds;
    std::int64_t prompt_tokens, cached_tokens, reply_tokens;
  };

  Json span(std::string name, std::string_view parent, double begin_s, double end_s) const;
  void add_spans(Json& spans, const Reply& reply) const;

  std::string method_, path_, id_;
  TraceParent parent_;
  std::string span_id_;
  std::chrono::nanoseconds began_;  ///< since 1970

  mutable std::mutex mutex_;
  std::vector<Reply> replies_;
};

}  // namespace pangu::serve
