// SPDX-License-Identifier: Apache-2.0
#include "serve/testing/changed_requests.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <set>
#include <string_view>

namespace pangu::test {
namespace {

/// Every value within one, itself included.
void collect_nodes(Json& node, std::vector<Json*>& out) {
  out.push_back(&node);
  if (!node.is_structured()) return;
  for (Json& child : node) collect_nodes(child, out);
}

void collect_keys(const Json& node, std::set<std::string>& out) {
  if (!node.is_structured()) return;
  for (const auto& [key, child] : node.items()) {
    if (node.is_object()) out.insert(key);
    collect_keys(child, out);
  }
}

Json nested(std::size_t depth) {
  Json out = "x";
  for (std::size_t i = 0; i < depth; ++i) {
    out = i % 2 == 0 ? Json::array({std::move(out)}) : Json({{"k", std::move(out)}});
  }
  return out;
}

constexpr std::array<std::string_view, 12> kTexts = {"",
                                                     " ",
                                                     "\n",
                                                     "yes",
                                                     "auto",
                                                     "\xEF\xBF\xBD",
                                                     "[unused11]call",
                                                     "{{ 7 * 7 }}",
                                                     "(a+)+b",
                                                     "a{2,1}",
                                                     "root ::= ",
                                                     "{\"a\":"};

constexpr std::array<std::string_view, 14> kHeaders = {
    "Content-Type: text/plain\r\n", "Expect: 100-continue\r\n",  "Connection: close\r\n",
    "Accept-Encoding: gzip\r\n",    "X-Request-Id: \xFF\r\n",    "X-Request-Id: ../../x\r\n",
    "traceparent: 00-zz\r\n",       "Authorization: Bearer\r\n", "Origin: null\r\n",
    "Origin: http://localhost\r\n", "Host: evil.example\r\n",    "Upgrade: websocket\r\n",
    "Range: bytes=5-\r\n",          "anthropic-version: 1\r\n"};

constexpr std::array<std::string_view, 7> kMethods = {"GET",  "PUT",   "DELETE", "OPTIONS",
                                                      "HEAD", "PATCH", "BREW"};

}  // namespace

RequestChanger::RequestChanger(std::vector<std::pair<std::string, Json>> right, std::uint64_t seed)
    : right_(std::move(right)), random_(seed) {
  std::set<std::string> keys;
  for (const auto& [path, body] : right_) collect_keys(body, keys);
  keys_.assign(keys.begin(), keys.end());
}

Json RequestChanger::value() {
  switch (below(14)) {
    case 0:
      return nullptr;
    case 1:
      return chance(50);
    case 2:
      return 0;
    case 3:
      return -1;
    case 4:
      return below(300);
    case 5:
      return 0.5;
    case 6:
      return 1e300;
    case 7:
      return INT64_MAX;
    case 8:
      return Json::array();
    case 9:
      return Json::object();
    case 10:
      return std::string(below(3000), chance(50) ? 'a' : '"');
    case 11:
      return nested(below(80));
    case 12:
      return Json::array({nullptr, 1, "a", Json::object()});
    default:
      return kTexts[below(kTexts.size())];
  }
}

void RequestChanger::change_node(Json& root) {
  std::vector<Json*> nodes;
  collect_nodes(root, nodes);
  Json& node = *nodes[below(nodes.size())];
  if (node.is_object() && !chance(20)) {
    const std::string key = keys_[below(keys_.size())];
    if (!node.empty() && chance(60)) {
      auto at = node.begin();
      std::advance(at, static_cast<std::ptrdiff_t>(below(node.size())));
      Json was = at.value();
      node.erase(at);
      if (chance(40)) node[key] = std::move(was);  // under another name
    } else {
      node[key] = value();
    }
  } else if (node.is_array() && !chance(20)) {
    if (!node.empty() && chance(50)) {
      node.push_back(node[below(node.size())]);
    } else {
      node.push_back(value());
    }
  } else {
    // Of another place, or made up.
    Json other = chance(30) ? *nodes[below(nodes.size())] : value();
    node = std::move(other);
  }
}

std::string RequestChanger::change_bytes(std::string text) {
  for (std::size_t n = 1 + below(4); n > 0 && !text.empty(); --n) {
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text.insert(at, 1 + below(3), static_cast<char>(below(256)));
        break;
      case 3:
        text.resize(at);
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
    }
  }
  return text;
}

std::string RequestChanger::header() {
  if (chance(80)) return std::string(kHeaders[below(kHeaders.size())]);
  return fmt::format("X-{}: {}\r\n", std::string(1 + below(50), 'k'),
                     std::string(below(9000), 'v'));
}

std::string RequestChanger::framing(const ChangedRequest& request) {
  std::string body = request.body;
  std::string length = fmt::format("Content-Length: {}\r\n", body.size());
  switch (below(8)) {
    case 0:
      length = fmt::format("Content-Length: {}\r\n", body.size() + below(50));
      break;
    case 1:
      length += "Content-Length: 3\r\n";
      break;
    case 2:
      length = "Content-Length: -5\r\n";
      break;
    case 3:
      length += "Transfer-Encoding: chunked\r\n";
      break;
    case 4:
    case 5:
      length = "Transfer-Encoding: chunked\r\n";
      body = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", body.size() + below(2) * below(20), body);
      break;
    default:
      break;
  }
  const std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}{}\r\n{}",
                                       request.method, request.path, request.headers, length, body);
  return chance(50) ? change_bytes(text) : text;
}

ChangedRequest RequestChanger::next() {
  const auto& [path, right] = right_[below(right_.size())];
  Json body = right;
  for (std::size_t n = below(4); n > 0; --n) change_node(body);
  ChangedRequest out{.method = "POST",
                     .path = path,
                     .body = body.dump(-1, ' ', false, Json::error_handler_t::replace),
                     .headers = chance(20) ? header() : "",
                     .raw = {}};
  if (chance(10)) out.body = change_bytes(std::move(out.body));
  if (chance(3)) out.path = change_bytes(out.path.substr(0, out.path.size() - below(3)));
  if (chance(2)) out.method = kMethods[below(kMethods.size())];
  const bool is_odd = out.path.find_first_of(" \r\n") != std::string::npos || out.path.empty();
  if (is_odd || chance(5)) out.raw = framing(out);
  out.goes_away = chance(5);
  out.reads_slowly = chance(3);
  return out;
}

}  // namespace pangu::test
