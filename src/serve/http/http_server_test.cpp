// SPDX-License-Identifier: Apache-2.0
#include "serve/http/http_server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "base/resources.h"
#include "pangu/error.h"
#include "serve/testing/http_client.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using std::chrono::milliseconds;
using test::HttpClient;
using testing::HasSubstr;

/// A server whose handler tells what it got, or does what the path says.
class HttpServers : public testing::Test {
 protected:
  static HttpServerOptions quick() {
    HttpServerOptions o;
    o.port = 0;
    o.max_body = 1000;
    o.max_header = 2000;
    return o;
  }

  void start(HttpServerOptions options = quick()) {
    server_ = std::make_unique<HttpServer>(
        options, [this](HttpRequest r, ExchangePtr e) { handle(std::move(r), std::move(e)); });
  }

  void handle(HttpRequest request, ExchangePtr exchange) {
    if (request.path == "/hold") {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(exchange));
      return;
    }
    if (request.path == "/forget") return;
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    if (request.path == "/stream") {
      exchange->begin({.status = 200, .content_type = "text/event-stream"}, kSseComment);
      for (int i = 0; i < 3; ++i) exchange->write(fmt::format("data: {}\n\n", i));
      return exchange->end();
    }
    exchange->respond({.status = 200,
                       .content_type = "text/plain",
                       .headers = {{"x-seen", "yes"}},
                       .body = fmt::format("{} {} {} {}", request.method, request.path,
                                           request.query, request.body)});
  }

  /// The exchange of the next request to /hold.
  ExchangePtr held() {
    for (int i = 0; i < 2000; ++i) {
      {
        const std::lock_guard lock(mutex_);
        if (!held_.empty()) {
          ExchangePtr out = std::move(held_.back());
          held_.pop_back();
          return out;
        }
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    ADD_FAILURE() << "no request came";
    return nullptr;
  }

  static bool stops(const std::stop_token& token) {
    for (int i = 0; i < 2000 && !token.stop_requested(); ++i) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    return token.stop_requested();
  }

  std::uint16_t port() const { return server_->port(); }

  std::mutex mutex_;
  std::vector<ExchangePtr> held_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServers, AnswersOneRequestAfterAnotherOnAConnection) {
  start();
  HttpClient client(port());
  client.request("GET", "/a%20b?x=1", "", "X-Request-Id: mine-1\r\n");
  const auto first = client.read();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET /a b x=1 ");
  EXPECT_EQ(first.headers.at("x-request-id"), "mine-1");
  EXPECT_EQ(first.headers.at("x-seen"), "yes");
  EXPECT_EQ(first.headers.at("connection"), "keep-alive");
  client.request("POST", "/b", "body");
  EXPECT_EQ(client.read().body, "POST /b  body");
}

TEST_F(HttpServers, AnswersRequestsThatWereSentTogetherInTheirOrder) {
  start();
  HttpClient client(port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += fmt::format("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{:02}", i);
  }
  client.send(all);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.read().body, fmt::format("POST /p  {:02}", i));
}

TEST_F(HttpServers, StreamsInChunksAndTakesTheNextRequest) {
  start();
  HttpClient client(port());
  client.request("GET", "/stream");
  const auto streamed = client.read();
  EXPECT_EQ(streamed.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(streamed.body, "data: 0\n\ndata: 1\n\ndata: 2\n\n");
  client.request("GET", "/next");
  EXPECT_EQ(client.read().body, "GET /next  ");
}

TEST_F(HttpServers, StreamsToOldClientsUntilTheConnectionEnds) {
  start();
  HttpClient client(port());
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  const auto streamed = client.read();
  EXPECT_EQ(streamed.headers.count("transfer-encoding"), 0u);
  EXPECT_EQ(streamed.body, "data: 0\n\ndata: 1\n\ndata: 2\n\n");
}

TEST_F(HttpServers, HeadHasNoBody) {
  start();
  HttpClient client(port());
  client.request("HEAD", "/h");
  EXPECT_EQ(client.read_head().status, 200);
  client.request("GET", "/after");
  EXPECT_EQ(client.read().body, "GET /after  ");
}

TEST_F(HttpServers, RefusesWhatIsNoRequest) {
  start();
  for (const char* text :
       {"nonsense\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n"}) {
    HttpClient client(port());
    client.send(text);
    client.send("\r\n\r\n");
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400) << text;
    EXPECT_THAT(answer.body, HasSubstr("no HTTP request")) << text;
    EXPECT_TRUE(client.is_closed()) << text;
  }
  for (const char* hosts : {"", "Host: a\r\nHost: b\r\n"}) {
    HttpClient client(port());
    client.send(fmt::format("GET /x HTTP/1.1\r\n{}\r\n", hosts));
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 400) << hosts;
    EXPECT_THAT(answer.body, HasSubstr("one Host header"));
  }
  EXPECT_EQ(test::ask(port(), "GET", "/bad%zz").status, 400);
  EXPECT_EQ(test::ask(port(), "GET", "/bad%00").status, 400);
  EXPECT_EQ(test::ask(port(), "GET", "/bad%ff").status, 400);
}

TEST_F(HttpServers, RefusesWhatIsTooLarge) {
  start();
  HttpClient body(port());
  body.request("POST", "/", std::string(1001, 'x'));
  const auto answer = body.read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("1000"));
  EXPECT_TRUE(body.is_closed());
  HttpClient chunks(port());
  chunks.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
              std::string(0x800, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(chunks.read().status, 413);
  HttpClient header(port());
  header.request("GET", "/", "", "X-Long: " + std::string(3000, 'x') + "\r\n");
  EXPECT_EQ(header.read().status, 431);
}

TEST_F(HttpServers, TellsAClientThatAsksFirstToGoOn) {
  start();
  HttpClient client(port());
  client.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_head().status, 100);
  client.send("hi");
  EXPECT_EQ(client.read().body, "POST /e  hi");
}

TEST_F(HttpServers, HandlersThatFailOrForgetAreAnswered) {
  start();
  HttpClient client(port());
  for (const char* path : {"/forget", "/throw"}) {
    client.request("GET", path);
    const auto answer = client.read();
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.json()["error"]["code"], 500) << path;
  }
}

TEST_F(HttpServers, TellsThatAClientIsGone) {
  start();
  {
    HttpClient client(port());
    client.request("GET", "/hold");
    const ExchangePtr exchange = held();
    EXPECT_FALSE(exchange->gone().stop_requested());
    client.close();
    EXPECT_TRUE(stops(exchange->gone()));
    exchange->respond({.body = "nobody"});  // does nothing
  }
  HttpClient next(port());
  next.request("GET", "/x");
  EXPECT_EQ(next.read().status, 200);
}

TEST_F(HttpServers, WhatIsGivenUpForAClientThatLeftIsNotAnswered) {
  start();
  const auto left_with = [&](auto finish) {
    HttpClient client(port());
    client.request("GET", "/hold");
    const ExchangePtr exchange = held();
    client.finish_sending();  // and goes on listening
    EXPECT_TRUE(stops(exchange->gone()));
    finish(*exchange);
    return client.read_rest();
  };
  EXPECT_EQ(left_with([](Exchange& e) { e.respond({.status = 503, .body = "The server ends."}); }),
            "");
  EXPECT_THAT(left_with([](Exchange& e) { e.respond({.status = 200, .body = "done"}); }),
              HasSubstr("done"));
  // A stream that is cut has no end that looks like one.
  const std::string stream = left_with([](Exchange& e) {
    e.begin({.status = 200, .content_type = "text/event-stream"}, kSseComment);
    e.end();
  });
  EXPECT_THAT(stream, testing::Not(HasSubstr("\r\n0\r\n")));
}

TEST_F(HttpServers, CutsOffAStreamThatNobodyReads) {
  HttpServerOptions options = quick();
  options.max_unsent = 100'000;
  start(options);
  HttpClient client(port());
  client.shrink_receive_buffer();
  client.request("GET", "/hold");
  const ExchangePtr exchange = held();
  exchange->begin({.content_type = "text/plain"}, {});
  const std::string part(50'000, 'x');
  for (int i = 0; i < 1000 && !exchange->gone().stop_requested(); ++i) {
    exchange->write(part);
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_TRUE(stops(exchange->gone()));
}

TEST_F(HttpServers, SilentStreamsGetComments) {
  HttpServerOptions options = quick();
  options.keep_alive_time = std::chrono::seconds(1);
  start(options);
  HttpClient client(port());
  client.request("GET", "/hold");
  const ExchangePtr exchange = held();
  exchange->begin({.content_type = "text/event-stream"}, kSseComment);
  EXPECT_EQ(client.read_head().status, 200);
  EXPECT_THAT(client.read_until(":\n\n"), HasSubstr("3\r\n:\n\n"));
  exchange->end();
  client.read_until("0\r\n\r\n");
}

TEST_F(HttpServers, DrainsWithoutBreakingAnswers) {
  start();
  HttpClient busy(port()), idle(port());
  idle.request("GET", "/x");
  EXPECT_EQ(idle.read().status, 200);
  busy.request("GET", "/hold");
  const ExchangePtr exchange = held();
  server_->drain();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(server_->wait_idle(milliseconds(20)));
  exchange->respond({.body = "done"});
  const auto answer = busy.read();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(busy.is_closed());
  EXPECT_TRUE(server_->wait_idle(milliseconds(5000)));
}

TEST_F(HttpServers, ManyIdleStreamsCostNoThreads) {
  start();
  std::vector<std::unique_ptr<HttpClient>> clients;
  std::vector<ExchangePtr> exchanges;
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto before = threads();
  const auto n = test::number_from("PANGU_IDLE_STREAMS", 100);
  for (std::int64_t i = 0; i < n; ++i) {
    clients.push_back(std::make_unique<HttpClient>(port()));
    clients.back()->request("GET", "/hold");
    exchanges.push_back(held());
    exchanges.back()->begin({.content_type = "text/event-stream"}, kSseComment);
  }
  EXPECT_EQ(threads(), before);
  EXPECT_EQ(server_->connections(), static_cast<std::size_t>(n));
  for (const ExchangePtr& exchange : exchanges) exchange->write("data: x\n\n");
  for (auto& client : clients) client->read_until("data: x\n\n");
  for (const ExchangePtr& exchange : exchanges) exchange->end();
}

TEST_F(HttpServers, ListensOnASocketOfTheFileSystem) {
  const test::ScratchDir scratch;
  HttpServerOptions options = quick();
  options.unix_socket = scratch.path() / "s.sock";
  start(options);
  HttpClient client(options.unix_socket);
  client.request("GET", "/u");
  EXPECT_EQ(client.read().body, "GET /u  ");
  // Another server does not take a socket that is in use.
  EXPECT_THROW(HttpServer(options, [](HttpRequest, ExchangePtr) {}), ConfigError);
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(options.unix_socket));
}

TEST_F(HttpServers, ToldWhereItCannotListen) {
  start();
  HttpServerOptions options = quick();
  options.port = port();
  EXPECT_THROW(HttpServer(options, [](HttpRequest, ExchangePtr) {}), ConfigError);
  options.host = "no such host";
  EXPECT_THROW(HttpServer(options, [](HttpRequest, ExchangePtr) {}), ConfigError);
  options.host = "127.0.0.1";
  options.certificate = options.private_key = "/nonexistent.pem";
  EXPECT_THROW(HttpServer(options, [](HttpRequest, ExchangePtr) {}), FileError);
}

}  // namespace
}  // namespace pangu::serve
