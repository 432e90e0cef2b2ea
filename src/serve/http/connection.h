// SPDX-License-Identifier: Apache-2.0
// One connection of a client. All members run on the thread of the connections, but for those of
// the exchanges that it hands out.
//
// While nothing is parsed one read waits: for the first bytes of the next request, or, while an
// answer is being made, for the client to go away.
#pragma once

#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <set>
#include <string>

#include "serve/http/http_server.h"

namespace pangu::serve {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

class Connection;

/// What all connections of a server share.
struct HttpShared {
  HttpShared(const HttpServerOptions& o, HttpHandler h)
      : options(o), handler(std::move(h)), handlers(static_cast<std::size_t>(o.handler_threads)) {}

  HttpServerOptions options;
  HttpHandler handler;
  asio::io_context io{1};
  asio::thread_pool handlers;
  std::set<std::shared_ptr<Connection>> open;  ///< on the thread of the connections
  std::atomic<std::size_t> connections = 0;    ///< their number
  std::atomic<std::size_t> active = 0;         ///< requests that are not answered yet
  std::atomic<bool> draining = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  /// Closes at once, whatever is being done.
  virtual void close() = 0;
  /// Closes if no request is being read or answered; else after that.
  virtual void close_when_idle() = 0;
};

/// `tls` is null for plain connections.
std::shared_ptr<Connection> make_connection(const std::shared_ptr<HttpShared>& shared,
                                            Socket socket, std::string peer,
                                            asio::ssl::context* tls);

}  // namespace pangu::serve
