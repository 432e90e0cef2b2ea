// SPDX-License-Identifier: Apache-2.0
// What conversations run on. Clients send all of a conversation each time: it is known by its
// messages up to one that was answered before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "adaptive/route/router.h"
#include "pangu/chat.h"

namespace pangu::serve {

/// Names of a conversation's beginnings that may be answered, shortest first: up to each message
/// that is not the assistant's; the last is all of it. Others than `client` have others.
std::vector<std::uint64_t> conversation_keys(const std::string& client,
                                             std::span<const Message> messages);

/// From any thread.
class ConversationMemory {
 public:
  /// Keeps so many answers; those that were not used for longest are forgotten.
  explicit ConversationMemory(std::size_t most) : most_(most) {}

  /// What the longest beginning runs on that was answered; all of the conversation does not count:
  /// that would be the same message again.
  std::optional<adaptive::Running> find(std::span<const std::uint64_t> keys);
  void put(std::uint64_t key, adaptive::Running running);
  /// What its answer left in the cache. Nothing where it was forgotten.
  void set_tokens(std::uint64_t key, std::int64_t tokens);

 private:
  struct Entry {
    std::uint64_t key;
    adaptive::Running running;
  };

  std::size_t most_;
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< the one that was used last in front
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;
};

}  // namespace pangu::serve
