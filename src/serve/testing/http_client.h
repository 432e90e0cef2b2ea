// SPDX-License-Identifier: Apache-2.0
// A client for tests: blocking, and able to misbehave.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "io/json.h"

namespace pangu::test {

struct ClientResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in small letters
  std::string body;                            ///< chunks joined

  Json json() const { return Json::parse(body); }
};

/// One connection. Reading fails the test after ten seconds.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port);
  explicit HttpClient(const std::filesystem::path& socket);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends text as it is; false once the other side is gone.
  bool send(std::string_view text);
  /// A request with a body if there is one; further header lines end in \r\n each.
  bool request(std::string_view method, std::string_view path, std::string_view body = {},
               std::string_view headers = {});
  /// Reads one answer to its end.
  ClientResponse read();
  /// Status and headers of an answer whose body read_until() or read_rest() take.
  ClientResponse read_head();
  /// Reads raw bytes until `text` was among them; returns all of them.
  std::string read_until(std::string_view text);
  /// Whether the other side closes the connection, within ten seconds, after what it still sends.
  bool is_closed();
  /// Tells the other side that nothing more comes.
  void finish_sending();
  /// Everything up to the end of the connection.
  std::string read_rest();
  /// Makes the socket take little, for readers that are slow.
  void shrink_receive_buffer();
  void close();

 private:
  /// False at the end of the connection.
  bool fill();

  int socket_ = -1;
  std::string buffer_;
};

/// Asks once on a connection of its own.
ClientResponse ask(std::uint16_t port, std::string_view method, std::string_view path,
                   std::string_view body = {}, std::string_view headers = {});

}  // namespace pangu::test
