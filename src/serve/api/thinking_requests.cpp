// SPDX-License-Identifier: Apache-2.0
#include "serve/api/thinking_requests.h"

namespace pangu::serve {

ThinkingRequests::Listening ThinkingRequests::listen(const std::string& id,
                                                     const std::string& client) {
  const std::lock_guard lock(mutex_);
  Running& running = running_[id];
  running.client = client;
  return {.token = running.source.get_token(),
          .registration = std::shared_ptr<void>(
              nullptr, [all = shared_from_this(), id](void*) { all->forget(id); })};
}

void ThinkingRequests::forget(const std::string& id) {
  const std::lock_guard lock(mutex_);
  running_.erase(id);
}

bool ThinkingRequests::end_thinking(const std::string& id, const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto at = running_.find(id);
  if (at == running_.end() || at->second.client != client) return false;
  at->second.source.request_stop();
  return true;
}

}  // namespace pangu::serve
