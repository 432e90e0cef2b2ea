// SPDX-License-Identifier: Apache-2.0
#include "serve/http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "io/json.h"
#include "serve/http/http_text.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

/// Bytes of one write, so that a slow client shows by taking none of them.
constexpr std::size_t kWriteBytes = 64 << 10;
/// How long a client may go on sending what is thrown away, so that it gets to read the answer.
constexpr std::chrono::seconds kLingerTime{2};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

HttpResponse refusal(int status, std::string message) {
  const Json body = {{"error",
                      {{"message", std::move(message)},
                       {"type", "invalid_request_error"},
                       {"param", nullptr},
                       {"code", status}}}};
  return {
      .status = status, .content_type = "application/json", .headers = {}, .body = json_text(body)};
}

template <class Stream>
class StreamConnection final : public Connection {
 public:
  template <class... Args>
  StreamConnection(std::shared_ptr<HttpShared> shared, std::string peer, Args&&... stream)
      : shared_(std::move(shared)),
        peer_(std::move(peer)),
        stream_(std::forward<Args>(stream)...),
        deadline_(shared_->io),
        silence_(shared_->io) {}

  ~StreamConnection() override { --shared_->connections; }

  void start() override {
    if constexpr (kTls) {
      set_deadline(shared_->options.request_time);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = self()](error_code error) {
        if (error) return self->close();
        self->wait_for_request();
      });
    } else {
      wait_for_request();
    }
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    deadline_.cancel();
    silence_.cancel();
    error_code ignored;
    socket().close(ignored);
    gone_.request_stop();
    end_request();
    shared_->open.erase(self());
  }

  void close_when_idle() override {
    keeps_open_ = false;
    if (!busy_ && !parser_) close();
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, Socket>;
  using Parser = http::request_parser<http::string_body>;

  /// The exchange of one request. What is let go unanswered must not leave a client waiting.
  class RequestExchange final : public Exchange {
   public:
    RequestExchange(std::shared_ptr<StreamConnection> connection, std::stop_token gone)
        : connection_(std::move(connection)), gone_(std::move(gone)) {}

    ~RequestExchange() override {
      if (over_) return;
      // Work for a client that left ends without an answer: that is no failure of the server's.
      if (begun_ || gone_.stop_requested()) {
        close();
      } else {
        RequestExchange::respond(refusal(500, "The server did not answer this request."));
      }
    }

    void respond(HttpResponse response) override {
      over_ = true;
      // What was given up because the client left is no failure that anybody should read of.
      if (response.status >= 500 && gone_.stop_requested()) return close();
      post([response = std::move(response)](StreamConnection& c) mutable {
        c.send_whole(std::move(response));
      });
    }
    void begin(HttpResponse head, std::string_view keep_alive) override {
      begun_ = true;
      post([head = std::move(head), keep_alive](StreamConnection& c) {
        c.begin_stream(head, keep_alive);
      });
    }
    void write(std::string_view data) override {
      if (data.empty() || gone_.stop_requested()) return;
      post([data = std::string(data)](StreamConnection& c) { c.send_part(data); });
    }
    void end() override {
      over_ = true;
      if (gone_.stop_requested()) return close();  // it would look complete
      post([](StreamConnection& c) { c.end_stream(); });
    }
    std::stop_token gone() const override { return gone_; }

   private:
    void close() {
      post([](StreamConnection& c) { c.close(); });
    }
    template <class Work>
    void post(Work work) {
      asio::post(connection_->shared_->io, [c = connection_, work = std::move(work)]() mutable {
        if (!c->closed_) work(*c);
      });
    }

    std::shared_ptr<StreamConnection> connection_;
    std::stop_token gone_;
    bool begun_ = false, over_ = false;
  };

  std::shared_ptr<StreamConnection> self() {
    return std::static_pointer_cast<StreamConnection>(shared_from_this());
  }

  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  /// Closes the connection after so long, unless another deadline is set before.
  void set_deadline(std::chrono::milliseconds time) {
    deadline_.expires_after(time);
    deadline_.async_wait([self = self()](error_code error) {
      if (!error) self->close();
    });
  }
  void clear_deadline() { deadline_.cancel(); }

  // --- Reading -------------------------------------------------------------------------------

  void wait_for_request() {
    if (!keeps_open_ || shared_->draining) return close();
    set_deadline(shared_->options.idle_time);
    if (buffer_.size() > 0) return read_request();
    watch();
  }

  /// Waits for bytes or the end of the connection, where none are there already.
  void watch() {
    if (buffer_.size() > 0 || std::exchange(watching_, true)) return;
    stream_.async_read_some(buffer_.prepare(4096),
                            [self = self()](error_code error, std::size_t n) {
                              self->watching_ = false;
                              if (self->closed_) return;
                              if (error) return self->lost();
                              if (self->lingers_) return self->discard();
                              self->buffer_.commit(n);
                              // Whoever sends the next request before the answer came is not
                              // watched until then.
                              if (!self->busy_) self->read_request();
                            });
  }

  void lost() {
    // What is being written may still arrive: a client may have closed its own half only.
    gone_.request_stop();
    keeps_open_ = false;
    if (!busy_) close();
  }

  void read_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_->options.max_header));
    parser_->body_limit(shared_->options.max_body);
    set_deadline(shared_->options.request_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = self()](error_code error, std::size_t) {
                              if (self->closed_) return;
                              if (error) return self->refuse(error);
                              self->read_body();
                            });
  }

  void read_body() {
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      queue_.emplace_back(kContinue);
      write_some();
    }
    http::async_read(stream_, buffer_, *parser_, [self = self()](error_code error, std::size_t) {
      if (self->closed_) return;
      if (error) return self->refuse(error);
      self->handle();
    });
  }

  void refuse(error_code error) {
    if (error == http::error::body_limit) {
      return refuse_with(
          413, fmt::format("The body of the request has more than {} bytes, which is the limit. "
                           "Send less, or start the server with a larger --max-body.",
                           shared_->options.max_body));
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return refuse_with(431, fmt::format("The headers of the request have more than {} bytes.",
                                          shared_->options.max_header));
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error.category() != http::make_error_code(http::error::bad_method).category()) {
      return close();
    }
    refuse_with(400, fmt::format("This is no HTTP request: {}.", error.message()));
  }

  void refuse_with(int status, std::string message) {
    parser_.reset();
    begin_request();
    id_ = random_name("req_");
    keeps_open_ = false;
    send_whole(refusal(status, std::move(message)));
  }

  void handle() {
    clear_deadline();
    HttpRequest request;
    auto message = parser_->release();
    parser_.reset();
    keeps_open_ = keeps_open_ && message.keep_alive();
    is_http10_ = message.version() < 11;
    is_head_ = message.method() == http::verb::head;
    const auto text = [](auto view) { return std::string(view.data(), view.size()); };
    for (const auto& field : message) {
      request.headers.emplace_back(lower(text(field.name_string())), text(field.value()));
    }
    const std::string_view wished = request.header("x-request-id");
    id_ = is_request_id(wished) ? std::string(wished) : random_name("req_");
    auto target = parse_target(text(message.target()));
    const char* wrong = nullptr;
    if (!target) wrong = "The path of the request is not percent-encoded UTF-8.";
    // Of several, whoever stands in front may have gone by another one (RFC 9112, 3.2).
    const auto hosts = message.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && !is_http10_)) wrong = "The request must have one Host header.";
    if (wrong != nullptr) {
      begin_request();
      return send_whole(refusal(400, wrong));
    }
    request.method = is_head_ ? "GET" : text(message.method_string());
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.body = std::move(message.body());
    request.peer = peer_;
    request.id = id_;
    begin_request();
    watch();
    auto exchange = std::make_shared<RequestExchange>(self(), gone_.get_token());
    asio::post(shared_->handlers, [shared = shared_, request = std::move(request),
                                   exchange = std::move(exchange)]() mutable {
      try {
        shared->handler(std::move(request), std::move(exchange));
      } catch (const std::exception& error) {
        log::warning("[http] a handler failed: {}", error.what());
      }
    });
  }

  void begin_request() {
    busy_ = true;
    ++shared_->active;
  }

  void end_request() {
    if (std::exchange(busy_, false)) --shared_->active;
  }

  // --- Writing -------------------------------------------------------------------------------

  void send_whole(HttpResponse response) {
    queue_.push_back(
        response_head(response, Framing::kLength, response.body.size(), stays_open(), id_));
    if (!is_head_ && !response.body.empty()) queue_.push_back(std::move(response.body));
    last_ = true;
    write_some();
  }

  void begin_stream(const HttpResponse& head, std::string_view keep_alive) {
    streams_ = true;
    keep_alive_ = keep_alive;
    if (is_http10_) keeps_open_ = false;
    queue_.push_back(response_head(head, is_http10_ ? Framing::kUntilClose : Framing::kChunked, 0,
                                   stays_open(), id_));
    write_some();
    if (!keep_alive_.empty()) watch_silence();
  }

  void send_part(std::string_view data) {
    if (is_head_ || !streams_) return;
    queue_.push_back(is_http10_ ? std::string(data) : chunk(data));
    unsent_ += queue_.back().size();
    if (unsent_ > shared_->options.max_unsent) {
      log::warning("[http] {} reads too slowly: {} bytes wait for it; the connection ends.", peer_,
                   unsent_);
      return close();
    }
    write_some();
  }

  void end_stream() {
    if (!streams_) return;
    if (!is_http10_ && !is_head_) queue_.emplace_back(kLastChunk);
    last_ = true;
    write_some();
  }

  void watch_silence() {
    silence_.expires_after(shared_->options.keep_alive_time);
    silence_.async_wait([self = self()](error_code error) {
      if (error || self->closed_ || self->last_ || !self->streams_) return;
      if (!std::exchange(self->spoke_, false)) self->send_part(self->keep_alive_);
      self->spoke_ = false;
      self->watch_silence();
    });
  }

  bool stays_open() const { return keeps_open_ && !shared_->draining; }

  void write_some() {
    if (writing_ || closed_) return;
    if (queue_.empty()) {
      if (last_) finish();
      return;
    }
    writing_ = true;
    if (!parser_) set_deadline(shared_->options.write_time);
    const std::string& front = queue_.front();
    const std::size_t size = std::min(kWriteBytes, front.size() - sent_);
    stream_.async_write_some(asio::buffer(front.data() + sent_, size),
                             [self = self()](error_code error, std::size_t n) {
                               self->writing_ = false;
                               if (self->closed_) return;
                               if (error) return self->close();
                               self->wrote(n);
                             });
  }

  void wrote(std::size_t n) {
    spoke_ = true;
    sent_ += n;
    if (streams_) unsent_ -= std::min(unsent_, n);
    if (sent_ == queue_.front().size()) {
      queue_.pop_front();
      sent_ = 0;
    }
    if (queue_.empty() && !parser_) clear_deadline();
    write_some();
  }

  /// The answer is out.
  void finish() {
    silence_.cancel();
    streams_ = last_ = false;
    unsent_ = 0;
    end_request();
    if (!stays_open()) return linger();
    if (watching_) {
      set_deadline(shared_->options.idle_time);
    } else {
      wait_for_request();
    }
  }

  /// Reads and forgets for a moment: closing with unread input would take the answer away from a
  /// client that is still sending.
  void linger() {
    lingers_ = true;
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    set_deadline(kLingerTime);
    discard();
  }

  void discard() {
    if (watching_) return;  // that read goes on here: its end closes the connection
    buffer_.clear();
    watching_ = true;
    stream_.async_read_some(buffer_.prepare(4096), [self = self()](error_code error, std::size_t) {
      self->watching_ = false;
      if (self->closed_) return;
      if (error) return self->close();
      self->discard();
    });
  }

  std::shared_ptr<HttpShared> shared_;
  std::string peer_;
  Stream stream_;
  asio::steady_timer deadline_, silence_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;  ///< while a request is read
  std::stop_source gone_;
  std::string id_;  ///< of the request that is being answered
  std::deque<std::string> queue_;
  std::size_t sent_ = 0;    ///< of the front of the queue
  std::size_t unsent_ = 0;  ///< of a stream
  std::string_view keep_alive_;
  bool closed_ = false, busy_ = false, watching_ = false, writing_ = false;
  bool keeps_open_ = true, lingers_ = false;
  bool is_http10_ = false, is_head_ = false;
  bool streams_ = false, last_ = false;
  bool spoke_ = false;  ///< since the last look for silence
};

}  // namespace

std::shared_ptr<Connection> make_connection(const std::shared_ptr<HttpShared>& shared,
                                            Socket socket, std::string peer,
                                            asio::ssl::context* tls) {
  ++shared->connections;
  if (tls == nullptr) {
    return std::make_shared<StreamConnection<Socket>>(shared, std::move(peer), std::move(socket));
  }
  return std::make_shared<StreamConnection<asio::ssl::stream<Socket>>>(shared, std::move(peer),
                                                                       std::move(socket), *tls);
}

}  // namespace pangu::serve
