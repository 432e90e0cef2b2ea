// SPDX-License-Identifier: Apache-2.0
#include "serve/access/origin_check.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/clipped.h"

namespace pangu::serve {
namespace {

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end() || std::ranges::find(list, "*") != list.end();
}

/// "example.org:8080" of "https://example.org:8080".
std::string_view authority(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

}  // namespace

std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string(host)
                                         : small_letters(host.substr(1, end - 1));
  }
  const auto colon = host.rfind(':');
  return small_letters(host.substr(0, colon));
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

bool OriginCheck::is_allowed_origin(std::string_view origin) const {
  return contains(rules_.origins, origin);
}

std::optional<std::string> OriginCheck::refusal(const HttpRequest& request) const {
  const std::string_view host = request.header("host");
  const std::string name = host_name(host);
  if (!name.empty() && name != "localhost" && !name.ends_with(".localhost") && !is_address(name) &&
      !contains(rules_.hosts, name)) {
    return fmt::format(
        "This server does not answer to the name {}. If it is its name, start it "
        "with --allow-host {}.",
        clipped(name), name);
  }
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && small_letters(authority(origin)) != small_letters(host) &&
      !is_allowed_origin(origin)) {
    return fmt::format(
        "Pages of {} may not use this server. If they are to, start it with "
        "--cors {}.",
        clipped(origin), origin);
  }
  return std::nullopt;
}

Headers OriginCheck::answer_headers(const HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !is_allowed_origin(origin)) return {};
  return {{"access-control-allow-origin", std::string(origin)}, {"vary", "Origin"}};
}

}  // namespace pangu::serve
