// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/job_queue.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "tests/support/support.h"

namespace pangu::serve {
namespace {

ReplyJobPtr job(std::string client, TokenId mark, int priority = 0, std::stop_token cancel = {}) {
  auto out = std::make_unique<ReplyJob>();
  out->client = std::move(client);
  out->prompt = {mark};
  out->priority = priority;
  out->options.cancel = std::move(cancel);
  return out;
}

std::vector<TokenId> marks(JobQueue& queue) {
  std::vector<TokenId> out;
  while (ReplyJobPtr next = queue.pop()) out.push_back(next->prompt[0]);
  return out;
}

TEST(JobQueue, ClientsTakeTurns) {
  JobQueue queue;
  for (const TokenId mark : {1, 2, 3, 4}) queue.push(job("greedy", mark));
  queue.push(job("modest", 10));
  queue.push(job("late", 20));
  EXPECT_EQ(queue.size(), 6u);
  EXPECT_EQ(marks(queue), (std::vector<TokenId>{1, 10, 20, 2, 3, 4}));
  EXPECT_EQ(queue.size(), 0u);
}

TEST(JobQueue, HigherPrioritiesGoFirstAmongThoseOfAClient) {
  JobQueue queue;
  queue.push(job("a", 1));
  queue.push(job("a", 2, 5));
  queue.push(job("a", 3, 5));
  queue.push(job("a", 4, -1));
  EXPECT_EQ(marks(queue), (std::vector<TokenId>{2, 3, 1, 4}));
}

TEST(JobQueue, CancelledOnesLeave) {
  JobQueue queue;
  std::stop_source stop;
  queue.push(job("a", 1));
  queue.push(job("a", 2, 0, stop.get_token()));
  queue.push(job("b", 3, 0, stop.get_token()));
  EXPECT_TRUE(queue.take_cancelled().empty());
  stop.request_stop();
  EXPECT_EQ(queue.take_cancelled().size(), 2u);
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(marks(queue), (std::vector<TokenId>{1}));
}

TEST(JobQueue, NobodyWaitsLongerThanOneTurnOfTheOthers) {
  std::mt19937 random(static_cast<unsigned>(test::seed()));
  JobQueue queue;
  std::map<std::string, int> waited;  // jobs of others since a client's last turn
  std::map<std::string, int> pending;
  for (int i = 0; i < 5000; ++i) {
    if (random() % 2 == 0) {
      const std::string client(1, static_cast<char>('a' + random() % 6));
      if (pending[client]++ == 0) waited[client] = 0;
      queue.push(job(client, i));
    } else if (const ReplyJobPtr next = queue.pop()) {
      EXPECT_LE(waited[next->client], 5);
      --pending[next->client];
      for (auto& [client, n] : waited) ++n;
      waited[next->client] = 0;
    }
  }
  int left = 0;
  for (const auto& [client, n] : pending) left += n;
  EXPECT_EQ(queue.size(), static_cast<std::size_t>(left));
}

}  // namespace
}  // namespace pangu::serve
