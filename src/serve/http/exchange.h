// SPDX-License-Identifier: Apache-2.0
// One request and its answer, apart from how they travel.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pangu::serve {

/// Names in small letters, in the order in which they came.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  ///< "GET", "POST", ...
  std::string path;    ///< percent-decoded, without the query
  std::string query;   ///< as it came, without the question mark
  Headers headers;
  std::string body;
  std::string peer;  ///< address of the client; "unix" through a socket of the file system
  std::string id;    ///< that the answer and the log carry: the client's X-Request-Id, or a new one

  /// Of the first header of this name, given in small letters; empty if there is none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;  ///< further ones
  std::string body;
};

/// Text that may be sent whenever a stream says nothing for a while, so that nobody between takes
/// it for dead; a comment of the protocol, or nothing.
inline constexpr std::string_view kSseComment = ":\n\n";

/// Where the answer to a request goes: a whole one, or a stream. Members may be called from any
/// thread, one call at a time; once the client is gone they do nothing.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Answers as a whole.
  virtual void respond(HttpResponse response) = 0;
  /// Answers as a stream, of which `head` has the beginning. `keep_alive` as kSseComment.
  virtual void begin(HttpResponse head, std::string_view keep_alive) = 0;
  virtual void write(std::string_view data) = 0;
  /// The stream is over.
  virtual void end() = 0;
  /// Stops once the client is gone, reads too slowly, or the server must end.
  virtual std::stop_token gone() const = 0;
};

using ExchangePtr = std::shared_ptr<Exchange>;

/// Answers a request, at once or from another thread later: an exchange that is let go without an
/// answer is answered with status 500.
using HttpHandler = std::function<void(HttpRequest request, ExchangePtr exchange)>;

}  // namespace pangu::serve
