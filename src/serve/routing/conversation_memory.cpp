// SPDX-License-Identifier: Apache-2.0
#include "serve/routing/conversation_memory.h"

#include <utility>

#include "base/hash.h"

namespace pangu::serve {

std::vector<std::uint64_t> conversation_keys(const std::string& client,
                                             std::span<const Message> messages) {
  ContentHash hash;
  hash.add(client);
  std::vector<std::uint64_t> out;
  for (const Message& message : messages) {
    for (const std::string* text : {&message.role, &message.content, &message.tool_calls}) {
      hash.add(*text);
    }
    if (message.role != "assistant") out.push_back(hash.value());
  }
  return out;
}

std::optional<adaptive::Running> ConversationMemory::find(std::span<const std::uint64_t> keys) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = keys.size(); i > 1; --i) {
    const auto at = places_.find(keys[i - 2]);
    if (at == places_.end()) continue;
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->running;
  }
  return std::nullopt;
}

void ConversationMemory::put(std::uint64_t key, adaptive::Running running) {
  const std::lock_guard lock(mutex_);
  if (const auto at = places_.find(key); at != places_.end()) entries_.erase(at->second);
  entries_.push_front({key, std::move(running)});
  places_[key] = entries_.begin();
  if (entries_.size() <= most_) return;
  places_.erase(entries_.back().key);
  entries_.pop_back();
}

void ConversationMemory::set_tokens(std::uint64_t key, std::int64_t tokens) {
  const std::lock_guard lock(mutex_);
  const auto at = places_.find(key);
  if (at != places_.end()) at->second->running.tokens = tokens;
}

}  // namespace pangu::serve
