// SPDX-License-Identifier: Apache-2.0
// Profiles whose writers are killed, write at once, find the disk full or may not write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "adaptive/profile/profile_store.h"
#include "adaptive/testing/whole_profile.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using test_data::make_whole_profile;
using test_data::whole_profile;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::int64_t kSetSize = 300;

/// Answers to all items that tell which round of writing they are of.
AnswerSet answers_of_round(std::int64_t variant, std::int64_t round) {
  AnswerSet out{.task = 1, .variant = variant};
  for (std::int64_t i = 0; i < kSetSize; ++i) out.answers.push_back({i, 1, 1, round});
  return out;
}

/// The whole profile without answers.
void make_profile_to_fill(const std::filesystem::path& file) {
  make_whole_profile(file);
  Database(file, Access::kWrite, kProfileApplication, profile_migrations())
      .run("DELETE FROM answer");
}

void expect_whole_sets(const std::filesystem::path& file) {
  for (const AnswerSet& set : ProfileStore(file, Access::kRead).load(1).answers) {
    ASSERT_EQ(set.answers.size(), kSetSize) << "of variant " << set.variant;
    for (const AnswerFigures& answer : set.answers) {
      ASSERT_EQ(answer.reply_tokens, set.answers[0].reply_tokens) << "two rounds are mixed";
    }
  }
}

/// Runs a child that must not come back from `work` by an exception.
pid_t fork_to(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  try {
    work();
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    _exit(1);
  }
  _exit(0);
}

int end_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Kills a writer at some moment, several times. `put` writes round after round and is told its
/// number; `newest` looks at what is there, and returns the round that it is of.
void kill_writers(const std::filesystem::path& file,
                  const std::function<void(ProfileStore&, std::int64_t round)>& put,
                  const std::function<std::int64_t()>& newest) {
  std::mt19937_64 rng(test::seed());
  std::uniform_int_distribution<int> moment(0, 20'000);
  const std::int64_t rounds = test::number_from("PANGU_TEST_KILLS", test::takes_fewer() ? 5 : 10);
  std::int64_t last = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork_to([&] {
      ProfileStore store(file, Access::kWrite);
      for (std::int64_t i = last;; ++i) {
        put(store, i);
        if (write(ends[1], "x", 1) != 1) return;
      }
    });
    close(ends[1]);
    char byte = 0;
    ASSERT_EQ(read(ends[0], &byte, 1), 1);
    std::this_thread::sleep_for(std::chrono::microseconds(moment(rng)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ++last;
    while (read(ends[0], &byte, 1) > 0) ++last;
    close(ends[0]);
    // What the writer was told to be kept is there.
    ASSERT_GE(newest(), last - 1);
  }
}

TEST(ProfileDurability, SetsOfAKilledWriterAreWholeOrAbsent) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_profile_to_fill(file);
  kill_writers(
      file,
      [](ProfileStore& store, std::int64_t round) {
        store.put_answers(answers_of_round(1 + round % 3, round));
      },
      [&] {
        expect_whole_sets(file);
        std::int64_t newest = -1;
        for (const AnswerSet& set : ProfileStore(file, Access::kRead).load(1).answers) {
          newest = std::max(newest, set.answers[0].reply_tokens);
        }
        return newest;
      });
}

TEST(ProfileDurability, ReadingsOfAKilledWriterAreOfOneMeasurement) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_whole_profile(file);
  const auto reading = [](std::int64_t batch, std::int64_t round) {
    const auto rate = static_cast<double>(round + 1);
    return SpeedReading{16, batch, rate, rate, rate, rate, "now"};
  };
  // The first time the variant has none yet: one of its readings alone would count as all.
  Database(file, Access::kWrite, kProfileApplication, profile_migrations())
      .run(
          "DELETE FROM speed; UPDATE variant SET load_s = NULL, resident_bytes = NULL, "
          "weight_bytes = NULL, position_bytes = NULL");
  kill_writers(
      file,
      [&](ProfileStore& store, std::int64_t round) {
        const std::vector<SpeedReading> readings = {reading(1, round), reading(8, round)};
        store.put_speed(1, {static_cast<double>(round), 1, 1, 1}, readings);
      },
      [&] {
        const VariantFigures got = *ProfileStore(file, Access::kRead).load(1).original();
        const auto round = static_cast<std::int64_t>(got.footprint.value().load_s);
        EXPECT_EQ(got.speed, (std::vector{reading(1, round), reading(8, round)}));
        return round;
      });
}

TEST(ProfileDurability, TwoProcessesWriteAtOnce) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const auto file = dir / "p.db";  // made by both
  const auto work = [&](std::int64_t own) {
    ProfileStore store(file, Access::kWrite);
    const ProfileData data = whole_profile();
    const std::int64_t id = store.open(data.entry.identity, "m");
    store.put_task(id, data.tasks[0]);
    for (const VariantFigures& v : data.variants) store.put_variant(id, v.variant, "");
    for (int i = 0; i < 8; ++i) {
      store.put_answers(answers_of_round(own, i));
      store.put_answers(answers_of_round(3, own));
      store.load(1);
    }
  };
  const pid_t first = fork_to([&] { work(1); }), second = fork_to([&] { work(2); });
  EXPECT_EQ(end_of(first), 0);
  EXPECT_EQ(end_of(second), 0);
  expect_whole_sets(file);
  const ProfileStore store(file, Access::kRead);
  EXPECT_EQ(store.entries().size(), 1);
  const ProfileData got = store.load(1);
  EXPECT_EQ(got.variants.size(), 3);
  ASSERT_EQ(got.answers.size(), 3);
  EXPECT_EQ(got.answers_of(1, 1, Thinking::kDefault)->answers[0].reply_tokens, 7);
  EXPECT_EQ(got.answers_of(1, 2, Thinking::kDefault)->answers[0].reply_tokens, 7);
}

/// What the FileError says that `work` ends with.
std::string file_error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ProfileDurability, AFullDiskIsAnErrorAndWhatWasKeptStays) {
  PANGU_NEEDS_FORK();
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_profile_to_fill(file);
  ProfileStore(file, Access::kWrite).put_answers(answers_of_round(1, 5));
  const pid_t child = fork_to([&] {
    ProfileStore store(file, Access::kWrite);
    // The file may not grow: to SQLite, a disk without room.
    const rlimit limit{std::filesystem::file_size(file), RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message = file_error_of([&] { store.put_answers(answers_of_round(2, 6)); });
    ASSERT_THAT(message, AllOf(HasSubstr("p.db"), HasSubstr("full"), HasSubstr("--db")));
    // What needs no room can still be put by the same process, once there is some.
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &none);
    store.put_answers(answers_of_round(3, 7));
    if (testing::Test::HasFailure()) _exit(1);
  });
  EXPECT_EQ(end_of(child), 0);
  expect_whole_sets(file);
  const ProfileData got = ProfileStore(file, Access::kRead).load(1);
  EXPECT_NE(got.answers_of(1, 1, Thinking::kDefault), nullptr);
  EXPECT_EQ(got.answers_of(1, 2, Thinking::kDefault), nullptr);
  EXPECT_NE(got.answers_of(1, 3, Thinking::kDefault), nullptr);
}

/// Root may write everywhere, so it becomes nobody meanwhile.
class Nobody {
 public:
  Nobody() : was_root_(geteuid() == 0) {
    if (was_root_ && seteuid(65534) != 0) ADD_FAILURE() << "root stays root";
  }
  ~Nobody() {
    if (was_root_ && seteuid(0) != 0) ADD_FAILURE() << "nobody stays nobody";
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;

 private:
  bool was_root_;
};

TEST(ProfileDurability, WhoMayNotWriteLearnsThatWhenOpening) {
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_whole_profile(file);
  ASSERT_EQ(chmod(dir.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(file.c_str(), 0444), 0);
  {
    const Nobody nobody;
    EXPECT_EQ(ProfileStore(file, Access::kRead).load(1).variants, whole_profile().variants);
    EXPECT_THAT(file_error_of([&] { ProfileStore(file, Access::kWrite); }),
                AllOf(HasSubstr("p.db"), HasSubstr("cannot be written"), HasSubstr("--db")));
    EXPECT_THAT(file_error_of([&] { ProfileStore(dir / "new.db", Access::kWrite); }),
                AllOf(HasSubstr("new.db"), HasSubstr("folder"), HasSubstr("--db")));
  }
  // The file may be written, but not what SQLite needs beside it.
  ASSERT_EQ(chmod(file.c_str(), 0666), 0);
  ASSERT_EQ(chmod(dir.path().c_str(), 0555), 0);
  {
    const Nobody nobody;
    EXPECT_EQ(ProfileStore(file, Access::kRead).load(1).variants, whole_profile().variants);
    EXPECT_THAT(
        file_error_of([&] { ProfileStore(file, Access::kWrite); }),
        AllOf(HasSubstr("p.db"), HasSubstr("Its folder cannot be written"), HasSubstr("--db")));
  }
  ASSERT_EQ(chmod(dir.path().c_str(), 0000), 0);
  {
    const Nobody nobody;
    EXPECT_THAT(file_error_of([&] { ProfileStore(file, Access::kRead); }),
                AllOf(HasSubstr("p.db"), HasSubstr("Permission denied")));
  }
  ASSERT_EQ(chmod(dir.path().c_str(), 0700), 0);
}

}  // namespace
}  // namespace pangu::adaptive
