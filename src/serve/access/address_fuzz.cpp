// SPDX-License-Identifier: Apache-2.0
// Where requests of strangers say they go and come from: a path, a name of a host, an origin, a
// trace.
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "serve/access/origin_check.h"
#include "serve/http/http_text.h"
#include "serve/trace.h"

namespace pangu::serve {
namespace {

std::string_view line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

/// Whatever the case of letters.
bool ends_with(std::string_view text, std::string_view end) {
  if (text.size() < end.size()) return false;
  return std::ranges::equal(text.substr(text.size() - end.size()), end, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

void check_target(std::string_view text) {
  const auto target = parse_target(text);
  if (!target) return;
  if (!target->path.starts_with('/')) std::abort();
  if (target->path.find('\0') != std::string::npos) std::abort();
  static_cast<void>(query_value(target->query, "a"));
}

void check_origin(std::string_view host, std::string_view origin) {
  HttpRequest request;
  request.headers = {{"host", std::string(host)}, {"origin", std::string(origin)}};
  const OriginCheck check({.hosts = {"known"}, .origins = {"https://known"}});
  const bool passes = !check.refusal(request);
  // What may read answers may also ask.
  if (!check.answer_headers(request).empty() && origin != "https://known") std::abort();
  // A page may ask its own server alone.
  if (passes && !origin.empty() && origin != "https://known" && !ends_with(origin, host)) {
    std::abort();
  }
}

void check_trace(std::string_view header) {
  const TraceParent parent = read_trace_parent(header);
  if (parent.trace_id.size() != 32) std::abort();
  if (!parent.span_id.empty() && parent.span_id.size() != 16) std::abort();
}

}  // namespace
}  // namespace pangu::serve

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view target = pangu::serve::line(rest);
  const std::string_view host = pangu::serve::line(rest);
  const std::string_view origin = pangu::serve::line(rest);
  pangu::serve::check_target(target);
  pangu::serve::check_origin(host, origin);
  pangu::serve::check_trace(pangu::serve::line(rest));
  return 0;
}
