// SPDX-License-Identifier: Apache-2.0
#include "serve/http/http_server.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "serve/http/connection.h"

namespace pangu::serve {
namespace {

using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

/// How long nobody is accepted after the system had no room for one more.
constexpr std::chrono::milliseconds kAcceptPause{100};

[[noreturn]] void cannot_listen(const std::string& where, const error_code& error) {
  fail<ConfigError>(
      "[serve] cannot listen on {}: {}. Choose another --host or --port, or end what listens "
      "there.",
      where, error.message());
}

/// Null without a certificate.
std::unique_ptr<asio::ssl::context> tls_context(const HttpServerOptions& o) {
  if (o.certificate.empty()) return nullptr;
  auto out = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  out->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1);
  error_code error;
  out->use_certificate_chain_file(o.certificate.string(), error);
  if (error) {
    fail<FileError>("[{}] cannot be used as a certificate: {}. A PEM file was expected.",
                    o.certificate.string(), error.message());
  }
  out->use_private_key_file(o.private_key.string(), asio::ssl::context::pem, error);
  if (error) {
    fail<FileError>("[{}] cannot be used as the key of {}: {}. A PEM file was expected.",
                    o.private_key.string(), o.certificate.string(), error.message());
  }
  return out;
}

/// Takes away a socket that nobody listens on any more; another one stays, and is an error later.
void remove_stale(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  asio::io_context io;
  stream_protocol::socket probe(io);
  error_code error;
  probe.connect(stream_protocol::endpoint(path), error);
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

struct HttpServer::Impl {
  Impl(const HttpServerOptions& options, HttpHandler handler)
      : shared(std::make_shared<HttpShared>(options, std::move(handler))),
        tls(tls_context(options)),
        guard(shared->io.get_executor()),
        tcp_acceptor(shared->io),
        unix_acceptor(shared->io),
        pause(shared->io) {
    if (options.unix_socket.empty()) {
      listen_tcp();
      accept(tcp_acceptor);
    } else {
      listen_unix();
      accept(unix_acceptor);
    }
    thread = std::thread([this] { shared->io.run(); });
  }

  void listen_tcp() {
    const HttpServerOptions& o = shared->options;
    const std::string where = fmt::format("{} port {}", o.host, o.port);
    error_code error;
    tcp::resolver resolver(shared->io);
    const auto found =
        resolver.resolve(o.host, std::to_string(o.port),
                         tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error || found.empty()) cannot_listen(where, error);
    const tcp::endpoint endpoint = found.begin()->endpoint();
    tcp_acceptor.open(endpoint.protocol(), error);
    if (error) cannot_listen(where, error);
    tcp_acceptor.set_option(tcp::acceptor::reuse_address(true));
    tcp_acceptor.bind(endpoint, error);
    if (!error) tcp_acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) cannot_listen(where, error);
    port = tcp_acceptor.local_endpoint().port();
  }

  void listen_unix() {
    const std::string path = shared->options.unix_socket.string();
    remove_stale(path);
    error_code error;
    try {
      const stream_protocol::endpoint endpoint(path);
      unix_acceptor.open(endpoint.protocol());
      unix_acceptor.bind(endpoint, error);
      if (!error) unix_acceptor.listen(asio::socket_base::max_listen_connections, error);
    } catch (const boost::system::system_error& failure) {  // a path that is too long
      error = failure.code();
    }
    if (error) cannot_listen(path, error);
  }

  template <class Acceptor>
  void accept(Acceptor& acceptor) {
    acceptor.async_accept([this, &acceptor](error_code error, auto socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // No descriptors or no memory: what is open goes on, and frees some.
        log::warning("[http] a connection could not be accepted: {}", error.message());
        pause.expires_after(kAcceptPause);
        return pause.async_wait([this, &acceptor](error_code stopped) {
          if (!stopped) accept(acceptor);
        });
      }
      if (shared->connections < shared->options.max_connections) {
        begin(std::move(socket));
      } else {
        log::warning("[http] a connection was refused: {} are open, which is the limit.",
                     shared->options.max_connections);
      }
      accept(acceptor);
    });
  }

  void begin(tcp::socket socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;  // gone already
    socket.set_option(tcp::no_delay(true), error);
    start(Socket(std::move(socket)), endpoint.address().to_string());
  }
  void begin(stream_protocol::socket socket) { start(Socket(std::move(socket)), "unix"); }

  void start(Socket socket, std::string peer) {
    auto connection = make_connection(shared, std::move(socket), std::move(peer), tls.get());
    shared->open.insert(connection);
    connection->start();
  }

  void stop_listening() {
    error_code ignored;
    pause.cancel();
    tcp_acceptor.close(ignored);
    unix_acceptor.close(ignored);
    if (!shared->options.unix_socket.empty()) ::unlink(shared->options.unix_socket.c_str());
  }

  template <class Work>
  void for_each_connection(Work work) {
    const auto open = shared->open;  // those that close leave it
    for (const auto& connection : open) work(*connection);
  }

  std::shared_ptr<HttpShared> shared;
  std::unique_ptr<asio::ssl::context> tls;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  tcp::acceptor tcp_acceptor;
  stream_protocol::acceptor unix_acceptor;
  asio::steady_timer pause;
  std::uint16_t port = 0;
  std::thread thread;
};

HttpServer::HttpServer(const HttpServerOptions& options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::string HttpServer::address() const {
  const HttpServerOptions& o = impl_->shared->options;
  if (!o.unix_socket.empty()) return o.unix_socket.string();
  const bool is_v6 = o.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", impl_->tls ? "https" : "http", is_v6 ? "[" : "", o.host,
                     is_v6 ? "]" : "", impl_->port);
}

std::size_t HttpServer::connections() const {
  return impl_->shared->connections;
}

void HttpServer::drain() {
  if (impl_->shared->draining.exchange(true)) return;
  asio::post(impl_->shared->io, [this] {
    impl_->stop_listening();
    impl_->for_each_connection([](Connection& c) { c.close_when_idle(); });
  });
}

bool HttpServer::wait_idle(std::chrono::milliseconds most) const {
  const auto until = std::chrono::steady_clock::now() + most;
  while (impl_->shared->active > 0) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  drain();
  asio::post(impl_->shared->io, [this] {
    impl_->for_each_connection([](Connection& c) { c.close(); });
    impl_->guard.reset();
  });
  impl_->thread.join();
  impl_->shared->handlers.join();
}

}  // namespace pangu::serve
