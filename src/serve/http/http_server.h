// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 (RFC 9112) on TCP, TLS or a socket of the file system, by Boost.Beast: one thread for
// all connections, so that thousands of idle streams cost their buffers and nothing else, and a few
// threads in which handlers run.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "serve/http/exchange.h"

namespace pangu::serve {

struct HttpServerOptions {
  std::string host = "127.0.0.1";      ///< address or name to listen on
  std::uint16_t port = 8080;           ///< 0: a free one
  std::filesystem::path unix_socket;   ///< in place of host and port
  std::filesystem::path certificate;   ///< PEM, with its chain: TLS
  std::filesystem::path private_key;   ///< PEM
  std::size_t max_body = 32u << 20;    ///< bytes
  std::size_t max_header = 64u << 10;  ///< bytes, first line and all headers
  std::size_t max_connections = 4096;
  /// Bytes of an answer that may wait for a client that reads slowly.
  std::size_t max_unsent = 4u << 20;
  /// For a request to arrive once it began, for some of an answer to be taken, and for the next
  /// request on an open connection.
  std::chrono::seconds request_time{60}, write_time{60}, idle_time{75};
  std::chrono::seconds keep_alive_time{15};  ///< silence of a stream before it gets a comment
  int handler_threads = 2;
};

class HttpServer {
 public:
  /// Listens at once, and answers from threads of its own. Throws ConfigError where it cannot
  /// listen, FileError for certificate and key.
  HttpServer(const HttpServerOptions& options, HttpHandler handler);
  /// Ends what is left, as stop().
  ~HttpServer();

  std::uint16_t port() const;
  /// "http://127.0.0.1:8080", "https://...", or the path of the socket.
  std::string address() const;
  std::size_t connections() const;

  /// Accepts no more connections, and no more requests on open ones. What is being answered goes
  /// on.
  void drain();
  /// Waits until nothing is being answered, at most so long; returns whether that is so.
  bool wait_idle(std::chrono::milliseconds most) const;
  /// Closes every connection and ends the threads.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu::serve
