// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/job_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pangu::serve {

void JobQueue::push(ReplyJobPtr job) {
  auto at = std::ranges::find(clients_, job->client, &Client::name);
  if (at == clients_.end()) at = clients_.insert(clients_.end(), Client{job->client, {}});
  const auto behind = std::ranges::find_if(
      at->jobs, [&](const ReplyJobPtr& other) { return other->priority < job->priority; });
  at->jobs.insert(behind, std::move(job));
  ++size_;
}

ReplyJobPtr JobQueue::pop() {
  if (clients_.empty()) return nullptr;
  Client& next = clients_.front();
  ReplyJobPtr job = std::move(next.jobs.front());
  next.jobs.pop_front();
  if (next.jobs.empty()) {
    clients_.pop_front();
  } else {
    clients_.splice(clients_.end(), clients_, clients_.begin());
  }
  --size_;
  return job;
}

std::vector<ReplyJobPtr> JobQueue::take_all() {
  std::vector<ReplyJobPtr> out;
  for (Client& client : clients_) {
    std::ranges::move(client.jobs, std::back_inserter(out));
  }
  clients_.clear();
  size_ = 0;
  return out;
}

std::vector<ReplyJobPtr> JobQueue::take_cancelled() {
  std::vector<ReplyJobPtr> out;
  for (Client& client : clients_) {
    std::erase_if(client.jobs, [&](ReplyJobPtr& job) {
      if (!job->options.cancel.stop_requested()) return false;
      out.push_back(std::move(job));
      return true;
    });
  }
  clients_.remove_if([](const Client& client) { return client.jobs.empty(); });
  size_ -= out.size();
  return out;
}

}  // namespace pangu::serve
