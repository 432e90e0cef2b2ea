// SPDX-License-Identifier: Apache-2.0
// Pages of other sites must not use a server on the user's machine: a browser sends their requests
// with the name of the site in Host (DNS rebinding) or in Origin.
// Source: WHATWG Fetch, section 3.2 (Origin, CORS); RFC 6454.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/exchange.h"

namespace pangu::serve {

struct OriginRules {
  /// Names that a request may be for, beside addresses and localhost; "*": any.
  std::vector<std::string> hosts;
  /// Origins whose pages may read answers ("https://chat.example.org"); "*": any.
  std::vector<std::string> origins;
};

class OriginCheck {
 public:
  explicit OriginCheck(OriginRules rules) : rules_(std::move(rules)) {}

  /// Why a request must not be answered (403); none if it may. Names cannot be forged by a page;
  /// addresses are no names, so they prove that nobody's DNS was asked.
  std::optional<std::string> refusal(const HttpRequest& request) const;

  /// What lets the page of an allowed origin read the answer; nothing for others.
  Headers answer_headers(const HttpRequest& request) const;

 private:
  bool is_allowed_origin(std::string_view origin) const;

  OriginRules rules_;
};

/// Host without its port: "localhost", "192.168.0.1", "::1".
std::string host_name(std::string_view host);
/// Whether it is an address of IPv4 or IPv6.
bool is_address(const std::string& host);

}  // namespace pangu::serve
