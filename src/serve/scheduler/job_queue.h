// SPDX-License-Identifier: Apache-2.0
// Replies that wait to be written. Lower priorities go first, whoever asks. Of one priority clients
// take turns, so that one who asks for much does not keep the others waiting; those of one client
// come in the order in which they were asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/generation.h"
#include "serve/scheduler/deadline.h"

namespace pangu::serve {

/// One reply that is asked for, and who hears of it. Exactly one of on_done and on_error is called,
/// as the last; all of them from the thread of the model, which they must not hold up.
struct ReplyJob {
  std::vector<TokenId> prompt;
  GenerateOptions options;
  std::string client;  ///< whose turn it takes
  int priority = 0;    ///< lower ones go first
  std::optional<Deadline> deadline = {};
  TokenCallback on_token;
  std::function<void(const Generation&)> on_done;
  std::function<void(const std::exception_ptr&)> on_error;
  std::int64_t told = 0;  ///< tokens that on_token got, once it is being written
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
  /// Those that have a deadline, and it is over.
  std::vector<ReplyJobPtr> take_overdue(Clock::time_point now);
  std::size_t size() const { return size_; }

 private:
  struct Client {
    std::string name;
    std::deque<ReplyJobPtr> jobs;
  };

  using Clients = std::list<Client>;  ///< who have jobs, the next one's turn first

  std::vector<ReplyJobPtr> take_if(const std::function<bool(const ReplyJob&)>& is_wanted);

  std::map<int, Clients> levels_;  ///< by priority; none is empty
  std::size_t size_ = 0;
};

}  // namespace pangu::serve
