// SPDX-License-Identifier: Apache-2.0
// Replies whose thinking a client may end while it goes on, by the names that they were given
// (llama.cpp's /v1/chat/completions/control).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace pangu::serve {

/// Any thread.
class ThinkingRequests : public std::enable_shared_from_this<ThinkingRequests> {
 public:
  static std::shared_ptr<ThinkingRequests> make() {
    return std::shared_ptr<ThinkingRequests>(new ThinkingRequests);
  }

  /// From now on `client` may end the thinking of the reply `id`, for as long as what this returns
  /// lives. The reply is to listen to the token.
  struct Listening {
    std::stop_token token;
    std::shared_ptr<void> registration;
  };
  Listening listen(const std::string& id, const std::string& client);

  /// False if there is no such reply of this client.
  bool end_thinking(const std::string& id, const std::string& client);

 private:
  struct Running {
    std::string client;
    std::stop_source source;
  };

  ThinkingRequests() = default;
  void forget(const std::string& id);

  std::mutex mutex_;
  std::map<std::string, Running> running_;
};

}  // namespace pangu::serve
