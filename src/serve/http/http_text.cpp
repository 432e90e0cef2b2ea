// SPDX-License-Identifier: Apache-2.0
#include "serve/http/http_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <chrono>
#include <iterator>

#include "base/utf8.h"

namespace pangu::serve {
namespace {

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      unsigned value = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const char* end = digits.data() + digits.size();
      const auto [last, error] = std::from_chars(digits.data(), end, value, 16);
      if (digits.size() != 2 || error != std::errc() || last != end) return std::nullopt;
      out.push_back(static_cast<char>(value));
      i += 2;
    }
  }
  const bool is_text = std::ranges::none_of(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (!is_text || utf8::find_invalid(out) != utf8::npos) return std::nullopt;
  return out;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto at = std::ranges::find(headers, name, [](const auto& h) { return h.first; });
  return at == headers.end() ? std::string_view() : std::string_view(at->second);
}

std::string response_head(const HttpResponse& response, Framing framing, std::size_t length,
                          bool keeps_open, std::string_view request_id) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\nserver: pangu\r\ndate: {:%a, %d %b %Y %H:%M:%S GMT}\r\n",
                 response.status, std::string_view(reason.data(), reason.size()),
                 fmt::gmtime(std::chrono::system_clock::now()));
  fmt::format_to(to, "x-request-id: {}\r\n", request_id);
  if (!response.content_type.empty()) {
    fmt::format_to(to, "content-type: {}\r\n", response.content_type);
  }
  // The page says so itself, among its other rules.
  const bool says_nosniff = std::ranges::any_of(
      response.headers, [](const auto& h) { return h.first == "X-Content-Type-Options"; });
  if (!says_nosniff) out += "x-content-type-options: nosniff\r\n";
  for (const auto& [name, value] : response.headers) {
    fmt::format_to(to, "{}: {}\r\n", name, value);
  }
  if (framing == Framing::kLength) fmt::format_to(to, "content-length: {}\r\n", length);
  if (framing == Framing::kChunked) out += "transfer-encoding: chunked\r\n";
  fmt::format_to(to, "connection: {}\r\n\r\n", keeps_open ? "keep-alive" : "close");
  return out;
}

std::string chunk(std::string_view data) {
  return fmt::format("{:x}\r\n{}\r\n", data.size(), data);
}

std::optional<Target> parse_target(std::string_view target) {
  // The absolute form, as proxies send it.
  if (const auto scheme = target.find("://");
      scheme != std::string_view::npos && target[0] != '/') {
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  const auto mark = target.find('?');
  auto path = percent_decoded(target.substr(0, mark), false);
  if (!path || !path->starts_with('/')) return std::nullopt;
  std::string query;
  if (mark != std::string_view::npos) query = target.substr(mark + 1);
  return Target{std::move(*path), std::move(query)};
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) {
      return percent_decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:").find(c) != std::string_view::npos;
  });
}

}  // namespace pangu::serve
