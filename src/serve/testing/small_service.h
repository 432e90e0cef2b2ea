// SPDX-License-Identifier: Apache-2.0
// A small model behind a port, as the tests of the server meet it.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "serve/testing/served_port.h"
#include "tests/support/support.h"

namespace pangu::test {

class SmallService : public testing::Test {
 protected:
  static constexpr std::int64_t kContext = 160;

  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  static serve::ServedModelOptions small() {
    serve::ServedModelOptions o;
    o.engine.threads = 2;
    o.engine.context = kContext;
    o.batch = {.max_replies = 4, .keep_prefixes = true};
    return o;
  }

  void start(serve::ServedModelOptions options = small(), serve::ServiceOptions access = {}) {
    server_.emplace(
        std::vector<serve::ModelSource>{{"stories", shared_dir() / "models/stories260K"}},
        serve::ModelSetOptions{.each = std::move(options)}, std::move(access));
  }

  ClientResponse post(std::string_view path, const Json& body,
                      std::string_view headers = {}) const {
    return server_->post(path, body, headers);
  }

  serve::ModelStatus idle_status() { return test::idle_status(server_->models()); }

  std::optional<ServedPort> server_;
};

/// The joined texts of a stream, and its last events.
struct Streamed {
  std::string text, finish;
  Json usage;
  bool done = false;
};

inline Streamed joined(const std::string& body) {
  Streamed out;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t end = body.find("\n\n", at);
    const std::string event = body.substr(at, end - at);
    at = end + 2;
    if (!event.starts_with("data: ")) continue;
    if (event == "data: [DONE]") {
      out.done = true;
      continue;
    }
    const Json json = Json::parse(event.substr(6));
    if (json.contains("usage") && !json["usage"].is_null()) out.usage = json["usage"];
    for (const Json& choice : json["choices"]) {
      out.text += choice["text"].get<std::string>();
      if (!choice["finish_reason"].is_null()) out.finish = choice["finish_reason"];
    }
  }
  return out;
}

}  // namespace pangu::test
