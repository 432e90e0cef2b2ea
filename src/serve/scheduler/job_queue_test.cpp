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

TEST(JobQueue, LowerPrioritiesGoFirstWhoeverAsks) {
  JobQueue queue;
  queue.push(job("a", 1));
  queue.push(job("a", 2, -5));
  queue.push(job("a", 3, -5));
  queue.push(job("b", 4, 1));
  queue.push(job("b", 5, -5));
  EXPECT_EQ(marks(queue), (std::vector<TokenId>{2, 5, 3, 1, 4}));
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

TEST(JobQueue, OverdueOnesLeave) {
  JobQueue queue;
  const Clock::time_point start{};
  EXPECT_FALSE(deadline_after(start, std::nullopt, 0));
  for (const auto& [mark, asked, most] :
       {std::tuple{1, 3.0, 0.0}, {2, 9.0, 2.0}, {3, 1.0, 2.0}, {4, 5.0, 9.0}}) {
    ReplyJobPtr one = job("a", mark, mark % 2);
    one->deadline = deadline_after(start, asked, most);
    queue.push(std::move(one));
  }
  queue.push(job("a", 5));
  const auto taken = [&](int seconds) {
    std::vector<TokenId> out;
    for (const auto& one : queue.take_overdue(start + std::chrono::seconds(seconds))) {
      out.push_back(one->prompt[0]);
    }
    return out;
  };
  EXPECT_TRUE(taken(0).empty());
  EXPECT_EQ(taken(1), (std::vector<TokenId>{3}));
  EXPECT_THAT(taken(4), testing::UnorderedElementsAre(2, 1));
  EXPECT_EQ(marks(queue), (std::vector<TokenId>{4, 5}));
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

/// Any sequence of pushes, pops, cancellations and deadlines: no job is lost or given twice, none
/// is passed by one of a higher number, and of one client and priority they come in order.
TEST(JobQueue, KeepsItsPromisesWhateverHappens) {
  std::mt19937 random(static_cast<unsigned>(test::seed()) + 1);
  for (int round = 0; round < 20; ++round) {
    JobQueue queue;
    std::map<TokenId, std::pair<int, std::string>> inside;
    std::stop_source stop;
    Clock::time_point now{};
    const auto leave = [&](const std::vector<ReplyJobPtr>& jobs) {
      for (const ReplyJobPtr& one : jobs) EXPECT_EQ(inside.erase(one->prompt[0]), 1u);
    };
    for (TokenId mark = 0; mark < 400; ++mark) {
      const unsigned what = random() % 16;
      if (what < 9) {
        ReplyJobPtr one = job(std::string(1, static_cast<char>('a' + random() % 4)), mark,
                              static_cast<int>(random() % 5) - 2,
                              random() % 8 == 0 ? stop.get_token() : std::stop_token());
        if (random() % 4 == 0) one->deadline = deadline_after(now, random() % 50, 30);
        inside.emplace(mark, std::pair(one->priority, one->client));
        queue.push(std::move(one));
      } else if (what == 9) {
        now += std::chrono::seconds(10);
        leave(queue.take_overdue(now));
      } else if (what == 10) {
        stop.request_stop();
        leave(queue.take_cancelled());
        stop = {};
      } else if (const ReplyJobPtr next = queue.pop()) {
        for (const auto& [other, who] : inside) {
          EXPECT_GE(who.first, next->priority);
          if (who == std::pair(next->priority, next->client)) {
            EXPECT_GE(other, next->prompt[0]);
          }
        }
        EXPECT_EQ(inside.erase(next->prompt[0]), 1u);
      }
      ASSERT_EQ(queue.size(), inside.size());
    }
    leave(queue.take_all());
    EXPECT_TRUE(inside.empty());
    EXPECT_EQ(queue.pop(), nullptr);
  }
}

}  // namespace
}  // namespace pangu::serve
