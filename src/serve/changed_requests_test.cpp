// SPDX-License-Identifier: Apache-2.0
// Requests of docs/server.md with something changed about them, sent by several clients at once:
// each is answered, or refused as the client's fault in the form of its protocol, and nothing stays
// behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "serve/testing/changed_requests.h"
#include "serve/testing/served_port.h"
#include "tests/support/doc_examples.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using test::ChangedRequest;
using test::HttpClient;

constexpr std::int64_t kChangedContext = 192;

/// The bodies of the documentation, with short replies.
std::vector<std::pair<std::string, Json>> right_requests() {
  std::vector<std::pair<std::string, Json>> out;
  for (const test::DocExample& example :
       test::doc_examples(test::read_file(PANGU_SOURCE "/docs/server.md"))) {
    if (example.body.empty()) continue;
    Json body = Json::parse(example.body);
    body.erase("model");  // the one that there is
    if (example.path.starts_with("/v1/") && !body.contains("options")) body["max_tokens"] = 4;
    if (example.path == "/v1/responses") body["max_output_tokens"] = 16;
    if (example.path.starts_with("/api/")) body["options"]["num_predict"] = 4;
    out.emplace_back(example.path, std::move(body));
  }
  return out;
}

/// Whether an error has the form that clients of a path read; any form where there is no such path.
bool is_error_of(const std::string& path, const std::string& body,
                 const std::set<std::string>& paths) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("error")) return false;
  if (!paths.contains(path)) return true;
  if (path.starts_with("/api/")) return json["error"].is_string();
  return json["error"].is_object() && json["error"].contains("message");
}

class ChangedRequests : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto& [path, body] : right_requests()) paths_.insert(path);
    ServedModelOptions each;
    each.engine.threads = 1;
    each.engine.context = kChangedContext;
    each.batch = {.max_replies = 8, .keep_prefixes = true};
    server_.emplace(std::vector<ModelSource>{{"pico", std::filesystem::path(PANGU_SOURCE) /
                                                          "models/pangu-pico"}},
                    ModelSetOptions{.each = each});
  }

  /// Sends `count` of them. Streams and the like end with the connection, so each has its own.
  void send(std::uint64_t seed, std::int64_t count) {
    test::RequestChanger changer(right_requests(), seed);
    for (std::int64_t i = 0; i < count; ++i) {
      const ChangedRequest request = changer.next();
      if (request.raw.empty()) {
        ask(request);
      } else {
        ask_raw(request);
      }
      if (HasFailure()) return;
    }
  }

  void ask(const ChangedRequest& request) {
    HttpClient client(server_->port());
    if (request.reads_slowly) client.shrink_receive_buffer();
    client.request(request.method, request.path, request.body, request.headers);
    if (request.goes_away) return;
    if (request.method == "HEAD") {
      int status = client.read_head().status;
      while (status == 100) status = client.read_head().status;
      return expect_status(status, request);
    }
    const test::ClientResponse answer = client.read();
    expect_status(answer.status, request);
    if (answer.status >= 400 && request.method != "OPTIONS") {
      EXPECT_TRUE(is_error_of(request.path, answer.body, paths_))
          << answer.status << answer.body << request.path << request.body;
    }
  }

  /// Whatever it was: something that begins an answer, or the end of the connection.
  void ask_raw(const ChangedRequest& request) {
    HttpClient client(server_->port());
    client.send(request.raw);
    if (request.goes_away) return;
    client.finish_sending();
    const std::string answer = client.read_rest();
    if (answer.empty()) return;
    ASSERT_TRUE(answer.starts_with("HTTP/1.1 ")) << answer << request.raw;
    const int status = std::stoi(answer.substr(9, 3));
    if (status != 100) expect_status(status, request);  // who waits for a 100 has only that
  }

  void expect_status(int status, const ChangedRequest& request) {
    // 504: of a `timeout` that was drawn.
    static const std::set<int> kProper = {200, 204, 400, 403, 404, 405, 413, 417, 429, 431, 504};
    EXPECT_TRUE(kProper.contains(status))
        << status << " " << request.method << " " << request.path << request.body << request.raw;
    const std::lock_guard lock(mutex_);
    ++statuses_[status];
  }

  std::optional<test::ServedPort> server_;
  std::set<std::string> paths_;
  std::mutex mutex_;
  std::map<int, std::int64_t> statuses_;
};

TEST_F(ChangedRequests, AreAnsweredOrRefusedProperly) {
  constexpr std::int64_t kClients = 4;
  const std::int64_t each =
      test::number_from("PANGU_CHANGED_REQUESTS", test::takes_fewer() ? 400 : 2000) / kClients;
  std::vector<std::thread> clients;
  for (std::int64_t c = 0; c < kClients; ++c) {
    clients.emplace_back(
        [this, c, each] { send(test::seed() * kClients + static_cast<std::uint64_t>(c), each); });
  }
  for (std::thread& client : clients) client.join();
  // Some of both, or nothing was tried.
  EXPECT_GT(statuses_[200], each / 4);
  EXPECT_GT(statuses_[400], each / 4);
  for (const auto& [status, count] : statuses_) {
    RecordProperty("status_" + std::to_string(status), std::to_string(count));
  }
  const ModelStatus status = test::idle_status(server_->models());
  EXPECT_EQ(status.batch.free_positions + status.batch.kept_positions,
            status.batch.cache_positions);
  EXPECT_EQ(server_->get("/health").status, 200);
}

}  // namespace
}  // namespace pangu::serve
