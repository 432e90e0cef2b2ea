// SPDX-License-Identifier: Apache-2.0
// Replies that wait to be written. Clients take turns, so that one who asks for much does not keep
// the others waiting; those of one client come in the order in which they were asked for, a higher
// priority first.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/generation.h"

namespace pangu::serve {

/// One reply that is asked for, and who hears of it. Exactly one of on_done and on_error is called,
/// as the last; all of them from the thread of the model, which they must not hold up.
struct ReplyJob {
  std::vector<TokenId> prompt;
  GenerateOptions options;
  std::string client;  ///< whose turn it takes
  int priority = 0;    ///< higher ones go first among those of a client
  TokenCallback on_token;
  std::function<void(const Generation&)> on_done;
  std::function<void(const std::exception_ptr&)> on_error;
};

using ReplyJobPtr = std::unique_ptr<ReplyJob>;

/// One thread at a time.
class JobQueue {
 public:
  void push(ReplyJobPtr job);
  /// The next one; null if there is none.
  ReplyJobPtr pop();
  /// All that wait, in no order.
  std::vector<ReplyJobPtr> take_all();
  /// Those whose cancel was requested.
  std::vector<ReplyJobPtr> take_cancelled();
  std::size_t size() const { return size_; }

 private:
  struct Client {
    std::string name;
    std::deque<ReplyJobPtr> jobs;
  };

  std::list<Client> clients_;  ///< who have jobs, the next one's turn first
  std::size_t size_ = 0;
};

}  // namespace pangu::serve
