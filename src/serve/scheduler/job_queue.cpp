// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/job_queue.h"

#include <algorithm>
#include <utility>

namespace pangu::serve {

void JobQueue::push(ReplyJobPtr job) {
  Clients& clients = levels_[job->priority];
  auto at = std::ranges::find(clients, job->client, &Client::name);
  if (at == clients.end()) at = clients.insert(clients.end(), Client{job->client, {}});
  at->jobs.push_back(std::move(job));
  ++size_;
}

ReplyJobPtr JobQueue::pop() {
  if (levels_.empty()) return nullptr;
  Clients& clients = levels_.begin()->second;
  Client& next = clients.front();
  ReplyJobPtr job = std::move(next.jobs.front());
  next.jobs.pop_front();
  if (next.jobs.empty()) {
    clients.pop_front();
  } else {
    clients.splice(clients.end(), clients, clients.begin());
  }
  if (clients.empty()) levels_.erase(levels_.begin());
  --size_;
  return job;
}

std::vector<ReplyJobPtr> JobQueue::take_all() {
  return take_if([](const ReplyJob&) { return true; });
}

std::vector<ReplyJobPtr> JobQueue::take_cancelled() {
  return take_if([](const ReplyJob& job) { return job.options.cancel.stop_requested(); });
}

std::vector<ReplyJobPtr> JobQueue::take_overdue(Clock::time_point now) {
  return take_if([now](const ReplyJob& job) { return job.deadline && job.deadline->at <= now; });
}

std::vector<ReplyJobPtr> JobQueue::take_if(const std::function<bool(const ReplyJob&)>& is_wanted) {
  std::vector<ReplyJobPtr> out;
  for (auto& [priority, clients] : levels_) {
    for (Client& client : clients) {
      std::erase_if(client.jobs, [&](ReplyJobPtr& job) {
        if (!is_wanted(*job)) return false;
        out.push_back(std::move(job));
        return true;
      });
    }
    clients.remove_if([](const Client& client) { return client.jobs.empty(); });
  }
  std::erase_if(levels_, [](const auto& level) { return level.second.empty(); });
  size_ -= out.size();
  return out;
}

}  // namespace pangu::serve
