// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/profile_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <set>
#include <thread>

#include "adaptive/testing/whole_profile.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using test_data::make_whole_profile;
using test_data::put_all;
using test_data::whole_profile;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

/// The rows of a table, whether their profile uses them or not.
std::int64_t rows_of(const std::filesystem::path& file, const std::string& table) {
  const Database database(file, Access::kRead, kProfileApplication, profile_migrations());
  Statement query = database.statement("SELECT count(*) FROM " + table);
  return query.step() ? query.integer(0) : -1;
}

TEST(ProfileStore, EveryFigureComesBack) {
  const test::ScratchDir dir;
  const ProfileData put = whole_profile();
  std::int64_t id = 0;
  {
    ProfileStore store(dir / "p.db", Access::kWrite);
    id = put_all(store, put);
    EXPECT_EQ(store.find(put.entry.identity), id);
  }
  const ProfileStore store(dir / "p.db", Access::kRead);
  const ProfileData got = store.load(id);
  EXPECT_EQ(got.entry.identity, put.entry.identity);
  EXPECT_EQ(got.entry.model_name, put.entry.model_name);
  EXPECT_THAT(got.entry.created, MatchesRegex("20..-..-..T..:..:..Z"));
  EXPECT_GE(got.entry.updated, got.entry.created);
  EXPECT_EQ(got.machine_speed, put.machine_speed);
  EXPECT_EQ(got.tasks, put.tasks);
  EXPECT_EQ(got.variants, put.variants);
  EXPECT_EQ(got.answers, put.answers);
  EXPECT_EQ(got.speculation, put.speculation);
}

TEST(ProfileStore, AnEmptyProfileHasNoFigures) {
  const test::ScratchDir dir;
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData got = store.load(store.open(whole_profile().entry.identity, "m"));
  EXPECT_FALSE(got.machine_speed);
  EXPECT_THAT(got.tasks, IsEmpty());
  EXPECT_THAT(got.variants, IsEmpty());
  EXPECT_THAT(got.answers, IsEmpty());
  EXPECT_THAT(got.speculation, IsEmpty());
  PANGU_EXPECT_ERROR(store.load(99), FileError, "p.db", "99", "removed");
}

TEST(ProfileStore, PuttingAgainReplaces) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  ProfileData data = whole_profile();
  data.entry.model_name = "renamed";
  data.entry.identity.machine.memory /= 2;  // told, not compared
  data.machine_speed->peak *= 2;
  data.tasks[0].name = "renamed, too";
  data.tasks[0].items = 100;
  for (VariantFigures& v : data.variants) {
    if (v.footprint) v.footprint->load_s += 1;
    if (v.divergence) v.divergence->mean += 1;
    for (SpeedReading& reading : v.speed) reading.decode *= 2;
  }
  for (AnswerSet& set : data.answers) {
    for (AnswerFigures& answer : set.answers) answer.reply_tokens += 7;
  }
  data.answers[1].answers.push_back({1, 0, 61, 22});  // more of a set that there is
  for (SpeculationFigures& s : data.speculation) s.speed_up += 1;
  const ProfileData got = store.load(put_all(store, data));
  EXPECT_THAT(store.entries(), SizeIs(1));
  EXPECT_EQ(got.entry.model_name, "renamed");
  EXPECT_EQ(got.entry.identity, data.entry.identity);
  EXPECT_EQ(got.machine_speed, data.machine_speed);
  EXPECT_EQ(got.tasks, data.tasks);
  EXPECT_EQ(got.variants, data.variants);
  EXPECT_EQ(got.answers, data.answers);
  EXPECT_EQ(got.speculation, data.speculation);
}

TEST(ProfileStore, SpeedsThatAreMeasuredAgainTakeThePlaceOfAllThatWere) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  ProfileData data = whole_profile();
  // The original had a reading of a longer prompt, too: it is not of the moment of this one.
  data.variants[0].speed = {{256, 1, 50, 5, 50, 5, "2026-11-30T20:00:00Z"}};
  store.put_speed(1, *data.variants[0].footprint, data.variants[0].speed);
  EXPECT_EQ(store.load(1).variants, data.variants);
}

TEST(ProfileStore, OtherItemsUnderAKindAreAnotherTask) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData put = whole_profile();
  constexpr std::int64_t id = 1;
  TaskFigures other = put.tasks[0];
  other.digest = "sha256:other";
  const std::int64_t task = store.put_task(id, other);
  EXPECT_NE(task, put.tasks[0].id);
  ProfileData got = store.load(id);
  ASSERT_THAT(got.tasks, SizeIs(2));
  EXPECT_EQ(got.task("math")->id, task);
  EXPECT_EQ(got.task("choice")->id, put.tasks[1].id);
  // What was answered to the others is neither used nor lost.
  EXPECT_THAT(got.answers, ElementsAre(put.answers[3]));
  EXPECT_THAT(got.speculation, ElementsAre(put.speculation[2]));
  EXPECT_EQ(store.put_task(id, put.tasks[0]), put.tasks[0].id);
  EXPECT_EQ(store.load(id).answers, put.answers);
}

TEST(ProfileStore, OtherWeightsOfASourceAreAnotherVariant) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData put = whole_profile();
  constexpr std::int64_t id = 1;
  const Variant& smaller = put.variants[2].variant;
  // One format of the new weights is enough to show that all figures of the old are none of theirs.
  const Variant stored{smaller.source, "", ""};
  const std::int64_t variant = store.put_variant(id, stored, "sha256:other");
  const ProfileData got = store.load(id);
  ASSERT_THAT(got.variants, SizeIs(3));
  EXPECT_EQ(got.variants[2].id, variant);
  EXPECT_EQ(got.variants[2].variant, stored);
  EXPECT_FALSE(got.variants[2].footprint);
  EXPECT_THAT(got.answers, ElementsAre(put.answers[0], put.answers[1]));
  EXPECT_THAT(got.speculation, ElementsAre(put.speculation[0], put.speculation[1]));
  EXPECT_EQ(store.put_variant(id, smaller, "sha256:ee"), put.variants[2].id);
  EXPECT_EQ(store.load(id).variants, put.variants);
}

TEST(ProfileStore, IdentitiesThatDifferInOnePartAreApart) {
  const test::ScratchDir dir;
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileIdentity one = whole_profile().entry.identity;
  const std::vector<std::function<void(ProfileIdentity&)>> changes = {
      [](ProfileIdentity&) {},
      [](ProfileIdentity& i) { i.model += 'x'; },
      [](ProfileIdentity& i) { i.engine += 'x'; },
      [](ProfileIdentity& i) { i.machine.processor += 'x'; },
      [](ProfileIdentity& i) { i.machine.isa = "avx2"; },
      [](ProfileIdentity& i) { i.machine.threads = 1; },
      [](ProfileIdentity& i) { i.machine.dtype = "f32"; }};
  std::int64_t expected = 0;
  for (const auto& change : changes) {
    ProfileIdentity other = one;
    change(other);
    EXPECT_EQ(store.find(other), std::nullopt);
    EXPECT_EQ(store.open(other, "m"), ++expected);
    EXPECT_EQ(store.open(other, "m"), expected);
    EXPECT_EQ(store.find(other), expected);
  }
  ProfileIdentity more_memory = one;
  more_memory.machine.memory *= 2;
  EXPECT_EQ(store.find(more_memory), 1);
  EXPECT_THAT(store.entries(), SizeIs(changes.size()));
  EXPECT_THAT(store.entries(one.model), SizeIs(changes.size() - 1));
  EXPECT_THAT(store.entries("sha256:none"), IsEmpty());
}

TEST(ProfileStore, WhateverIsPutBringsItsProfileToTheTop) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData data = whole_profile();
  ProfileIdentity other = data.entry.identity;
  other.engine = "0.2.0";
  store.open(other, "m");
  const std::vector<std::function<void()>> puts = {
      [&] { store.put_machine_speed(1, *data.machine_speed); },
      [&] { store.put_task(1, data.tasks[0]); },
      [&] { store.put_variant(1, data.variants[0].variant, ""); },
      [&] { store.put_speed(1, *data.variants[0].footprint, data.variants[0].speed); },
      [&] { store.put_divergence(3, *data.variants[2].divergence); },
      [&] { store.put_answers(data.answers[0]); },
      [&] { store.put_speculation(data.speculation[0]); }};
  for (const auto& put : puts) {
    {
      const Database database(dir / "p.db", Access::kWrite, kProfileApplication,
                              profile_migrations());
      database.run("UPDATE profile SET updated = CASE id WHEN 1 THEN '2001' ELSE '2002' END");
    }
    EXPECT_EQ(store.entries()[0].id, 2);
    put();
    EXPECT_EQ(store.entries()[0].id, 1);
  }
}

TEST(ProfileStore, RemovingAProfileTakesAllItsFiguresAlong) {
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_whole_profile(file);
  ProfileStore store(file, Access::kWrite);
  ProfileData data = whole_profile();
  const ProfileIdentity first = data.entry.identity;
  data.entry.identity.engine = "0.2.0";
  const std::int64_t stays = store.open(data.entry.identity, "m");
  const std::int64_t variant = store.put_variant(stays, {}, "");
  store.put_speed(variant, *data.variants[0].footprint, data.variants[0].speed);
  store.remove(1);
  EXPECT_EQ(store.find(first), std::nullopt);
  EXPECT_THAT(store.load(stays).variants, SizeIs(1));
  for (const char* table : {"answer", "speculation"}) EXPECT_EQ(rows_of(file, table), 0) << table;
  store.remove(stays);
  for (const char* table : {"profile", "task", "variant", "speed"}) {
    EXPECT_EQ(rows_of(file, table), 0) << table;
  }
}

TEST(ProfileStore, NothingIsPutWhereItsProfileWasRemoved) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData data = whole_profile();
  constexpr std::int64_t id = 1;
  store.remove(id);
  PANGU_EXPECT_ERROR(store.put_machine_speed(id, *data.machine_speed), FileError, "p.db",
                     "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_task(id, data.tasks[0]), FileError, "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_variant(id, {}, ""), FileError, "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_speed(1, *data.variants[0].footprint, data.variants[0].speed),
                     FileError, "variant", "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_divergence(3, *data.variants[2].divergence), FileError,
                     "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_answers(data.answers[0]), FileError, "task", "removed meanwhile");
  PANGU_EXPECT_ERROR(store.put_speculation(data.speculation[0]), FileError, "removed meanwhile");
  AnswerSet of_no_variant = data.answers[0];
  make_whole_profile(dir / "q.db");
  of_no_variant.variant = 99;
  PANGU_EXPECT_ERROR(ProfileStore(dir / "q.db", Access::kWrite).put_answers(of_no_variant),
                     FileError, "q.db", "removed meanwhile");
}

TEST(ProfileStore, FiguresThatNoMeasurementGivesAreNotKept) {
  const test::ScratchDir dir;
  make_whole_profile(dir / "p.db");
  ProfileStore store(dir / "p.db", Access::kWrite);
  const ProfileData data = whole_profile();
  constexpr std::int64_t id = 1;
  PANGU_EXPECT_ERROR(store.put_machine_speed(id, {0, 1}), NumericError, "bandwidth is 0");
  PANGU_EXPECT_ERROR(store.put_task(id, {.kind = "math", .chance = 1.5}), NumericError, "math",
                     "chance is 1.5");
  PANGU_EXPECT_ERROR(store.put_task(id, {}), NumericError, "kind is empty");
  PANGU_EXPECT_ERROR(store.put_speed(1, {1, 0, 1, 1}, {}), NumericError, "resident_bytes is 0");
  // A footprint that is sound is not kept either, where a reading beside it is not.
  const auto put_readings = [&](const std::vector<SpeedReading>& readings) {
    store.put_speed(1, {9, 9, 9, 9}, readings);
  };
  PANGU_EXPECT_ERROR(put_readings({{128, 1, 5, 5, 1, 1, ""}, {128, 8, 5, std::nan(""), 1, 1, ""}}),
                     NumericError, "decode is nan");
  PANGU_EXPECT_ERROR(put_readings({{128, 1, 0, 5, 1, 1, ""}}), NumericError, "prefill is 0");
  PANGU_EXPECT_ERROR(store.put_divergence(1, {HUGE_VAL, 0, 0, 1, 1}), NumericError,
                     "kl_mean is inf");
  PANGU_EXPECT_ERROR(store.put_answers({1, 1, Thinking::kDefault, {{0, 1, 1, 1}, {1, 2, 1, 1}}}),
                     NumericError, "item 1", "value is 2");
  PANGU_EXPECT_ERROR(store.put_speculation({1, 1, Thinking::kDefault, SpeculationMode::kOff, ""}),
                     NumericError, "mode is off");
  PANGU_EXPECT_ERROR(store.put_variant(id, {"", "w9", ""}, ""), ConfigError, "w9");
  PANGU_EXPECT_ERROR(store.put_variant(id, {"", "", "int9"}, ""), ConfigError, "int9");
  const ProfileData got = store.load(id);
  EXPECT_EQ(got.variants, data.variants);
  EXPECT_EQ(got.answers, data.answers);
  EXPECT_EQ(got.tasks, data.tasks);
}

TEST(ProfileStore, LoadsOneViewWhileAnotherWrites) {
  const test::ScratchDir dir;
  const auto file = dir / "p.db";
  make_whole_profile(file);
  // What is read between tasks and answers takes long, so that another's write falls in there.
  Database(file, Access::kWrite, kProfileApplication, profile_migrations())
      .run(
          "INSERT INTO speed WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
          "i < 20000) SELECT 1, 10000 + i, 1, 1, 1, 1, 1, 'now' FROM n");
  const ProfileStore store(file, Access::kRead);
  std::jthread writer([&](const std::stop_token& stop) {
    ProfileStore other(file, Access::kWrite);
    TaskFigures task = whole_profile().tasks[0];
    for (int i = 0; !stop.stop_requested(); ++i) {
      // Now these items are in use, now others.
      task.digest = std::to_string(i % 2);
      const std::int64_t id = other.put_task(1, task);
      if (i < 2) other.put_answers({id, 1, Thinking::kDefault, {{0, 1, 1, 1}}});
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  std::set<std::int64_t> seen;
  for (int i = 0; i < 10; ++i) {
    const ProfileData got = store.load(1);
    const std::int64_t task = got.task("math")->id;
    seen.insert(task);
    for (const AnswerSet& set : got.answers) EXPECT_TRUE(set.task == task || set.task == 2);
    EXPECT_TRUE(got.answers_of(task, 1, Thinking::kDefault) || seen.size() < 4);
  }
  EXPECT_GE(seen.size(), 2) << "nothing was written meanwhile";
}

TEST(ProfileStore, KnowsADigestAsLongAsTheFileIsTheSame) {
  const test::ScratchDir dir;
  ProfileStore store(dir / "p.db", Access::kWrite);
  const std::filesystem::path weights = dir / "model.safetensors";
  EXPECT_EQ(store.known_digest(weights, 10, 1), std::nullopt);
  store.put_digest(weights, 10, 1, "sha256:one");
  EXPECT_EQ(store.known_digest(weights, 10, 1), "sha256:one");
  EXPECT_EQ(store.known_digest(weights, 11, 1), std::nullopt);
  EXPECT_EQ(store.known_digest(weights, 10, 2), std::nullopt);
  EXPECT_EQ(store.known_digest(dir / "other", 10, 1), std::nullopt);
  EXPECT_EQ(store.known_digest(dir / "below" / ".." / "model.safetensors", 10, 1), "sha256:one");
  EXPECT_EQ(store.known_digest(std::filesystem::relative(weights), 10, 1), "sha256:one");
  store.put_digest(weights, 10, 2, "sha256:two");
  EXPECT_EQ(store.known_digest(weights, 10, 1), std::nullopt);
  EXPECT_EQ(store.known_digest(weights, 10, 2), "sha256:two");
}

/// A variable of the environment, put back afterwards.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~ScopedVariable() { set(before_ ? before_->c_str() : nullptr); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void set(const char* value) const {
    if (value) {
      setenv(name_, value, 1);
    } else {
      unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> before_;
};

TEST(ProfileStore, LiesWhereDataOfTheUserLies) {
  const ScopedVariable home("HOME", "/home/kate");
  {
    const ScopedVariable data("XDG_DATA_HOME", "/data");
    EXPECT_EQ(default_profile_file(), "/data/pangu/profile.db");
  }
  for (const char* none : {"relative/data", "", static_cast<const char*>(nullptr)}) {
    const ScopedVariable data("XDG_DATA_HOME", none);
    EXPECT_EQ(default_profile_file(), "/home/kate/.local/share/pangu/profile.db");
    const ScopedVariable homeless("HOME", nullptr);
    PANGU_EXPECT_ERROR(default_profile_file(), ConfigError, "XDG_DATA_HOME", "HOME", "--db");
  }
}

}  // namespace
}  // namespace pangu::adaptive
