// SPDX-License-Identifier: Apache-2.0
#include "serve/testing/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace pangu::test {
namespace {

constexpr int kPatienceMs = 10'000;

std::string small(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << std::strerror(errno);
}

HttpClient::HttpClient(const std::filesystem::path& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
      << std::strerror(errno);
}

HttpClient::~HttpClient() {
  close();
}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void HttpClient::shrink_receive_buffer() {
  const int size = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool HttpClient::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool HttpClient::request(std::string_view method, std::string_view path, std::string_view body,
                         std::string_view headers) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n{}", method, path, headers);
  if (headers.find("Host:") == std::string_view::npos) text += "Host: localhost\r\n";
  if (!body.empty() || method == "POST") {
    text += fmt::format("Content-Length: {}\r\n", body.size());
  }
  return send(text + "\r\n" + std::string(body));
}

bool HttpClient::fill() {
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, kPatienceMs) <= 0) {
    ADD_FAILURE() << "nothing came for ten seconds; so far: " << buffer_;
    return false;
  }
  char bytes[16384];
  const ssize_t n = ::recv(socket_, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::string HttpClient::read_until(std::string_view text) {
  std::size_t at = 0;
  while ((at = buffer_.find(text)) == std::string::npos) {
    if (!fill()) {
      ADD_FAILURE() << "the connection ended before " << text << " came: " << buffer_;
      return std::exchange(buffer_, {});
    }
  }
  std::string out = buffer_.substr(0, at + text.size());
  buffer_.erase(0, out.size());
  return out;
}

ClientResponse HttpClient::read_head() {
  ClientResponse out;
  const std::string head = read_until("\r\n\r\n");
  if (head.size() < 12) return out;
  out.status = std::stoi(head.substr(9, 3));
  std::size_t line = head.find("\r\n") + 2;
  while (line + 2 < head.size()) {
    const std::size_t end = head.find("\r\n", line), colon = head.find(": ", line);
    if (colon != std::string::npos && colon < end) {
      out.headers[small(head.substr(line, colon - line))] = head.substr(colon + 2, end - colon - 2);
    }
    line = end + 2;
  }
  return out;
}

ClientResponse HttpClient::read() {
  ClientResponse out = read_head();
  while (out.status == 100) out = read_head();
  if (out.headers.contains("transfer-encoding")) {
    for (;;) {
      const std::string size_line = read_until("\r\n");
      const std::size_t size = std::stoul(size_line, nullptr, 16);
      while (buffer_.size() < size + 2 && fill()) {
      }
      out.body += buffer_.substr(0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return out;
    }
  }
  if (!out.headers.contains("content-length")) {
    out.body = read_rest();
    return out;
  }
  const std::size_t size = std::stoul(out.headers["content-length"]);
  while (buffer_.size() < size && fill()) {
  }
  out.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return out;
}

void HttpClient::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

std::string HttpClient::read_rest() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool HttpClient::is_closed() {
  for (;;) {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kPatienceMs) <= 0) return false;
    char bytes[16384];
    if (::recv(socket_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

ClientResponse ask(std::uint16_t port, std::string_view method, std::string_view path,
                   std::string_view body, std::string_view headers) {
  HttpClient client(port);
  client.request(method, path, body, headers);
  return client.read();
}

}  // namespace pangu::test
