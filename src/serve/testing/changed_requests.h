// SPDX-License-Identifier: Apache-2.0
// Requests that were right once: something about each is changed at random. Most are refused, some
// still mean something, some are no longer HTTP.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "io/json.h"

namespace pangu::test {

struct ChangedRequest {
  std::string method, path, body, headers;
  /// What goes over the wire in place of all that, and may be no HTTP; empty for most.
  std::string raw;
  bool goes_away = false;  ///< the client leaves before it has its answer
  bool reads_slowly = false;
};

class RequestChanger {
 public:
  /// Paths and bodies to begin with. A body without a limit of tokens gets one of `max_tokens`.
  RequestChanger(std::vector<std::pair<std::string, Json>> right, std::uint64_t seed);

  ChangedRequest next();

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  Json value();
  void change_node(Json& root);
  std::string change_bytes(std::string text);
  std::string header();
  std::string framing(const ChangedRequest& request);

  std::vector<std::pair<std::string, Json>> right_;
  std::vector<std::string> keys_;  ///< of all bodies
  std::mt19937_64 random_;
};

}  // namespace pangu::test
