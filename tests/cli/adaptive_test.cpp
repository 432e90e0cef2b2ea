// SPDX-License-Identifier: Apache-2.0
// pangu profile, recommend and optimize: from measuring to a bundle that runs, and what is refused.
#include <gmock/gmock.h>

#include "adaptive/profile/profile_store.h"
#include "io/locate_model.h"
#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kPassage =
    "Passage: Kate lost 29 tickets near the harbor. Leo sold 31 plants on Friday.\\nQuestion: "
    "Quote "
    "the sentence about ";

class CliAdaptive : public testing::Test {
 protected:
  void SetUp() override {
    std::string rows;
    for (int i = 0; i < 6; ++i) {
      rows += std::string("{\"prompt\": \"") + kPassage + (i % 2 ? "Leo" : "Kate") +
              ".\", \"answer\": \"" +
              (i % 2 ? "Leo sold 31 plants on Friday." : "Kate lost 29 tickets near the harbor.") +
              "\"}\n";
    }
    write_file(rows_, rows);
  }

  /// A command on the small model with little to measure.
  std::vector<std::string> small(std::vector<std::string> command) const {
    for (const char* word : {"--formats", "w8a8", "--kv-formats", "none", "--spec", "none",
                             "--no-thinking", "--pp", "8", "--tg", "4", "--threads", "1", "--db"}) {
      command.emplace_back(word);
    }
    command.push_back(db_);
    command.emplace_back("--task");
    command.push_back("extraction=match:" + rows_.string());
    return command;
  }
  /// Runs it. What the address sanitizer holds back of freed memory would count as a model's.
  ProgramResult run_small(std::vector<std::string> command) const {
    return run_program(small(std::move(command)),
                       {.env = {{"ASAN_OPTIONS", "quarantine_size_mb=0"}}});
  }
  ProgramResult recommend(std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {"recommend", "pangu-nano", "--threads", "1", "--db", db_};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  }

  ScratchDir scratch_;
  const std::filesystem::path rows_ = scratch_ / "rows.jsonl";
  const std::string db_ = (scratch_ / "data" / "p.db").string();
};

TEST_F(CliAdaptive, WhatIsMeasuredIsShownAndRecommended) {
  const auto measured = run_small({"profile", "pangu-nano", "--json"});
  ASSERT_EQ(measured.status, 0) << measured.err;
  EXPECT_THAT(measured.err, AllOf(HasSubstr("1 variant to time"), HasSubstr(" answers: about "),
                                  HasSubstr("were expected"), HasSubstr("first    figures"),
                                  HasSubstr("all decisions are made")));
  const Json run = measured.json()["run"];
  EXPECT_GT(run["seconds"], 0);
  EXPECT_GT(run["expected_s"]["about"], run["expected_s"]["low"]);
  const Json kinds = measured.json()["kinds"];
  ASSERT_EQ(kinds["extraction"].size(), 2u);
  for (const Json& c : kinds["extraction"]) {
    EXPECT_GT(c["decode_tokens_per_s"], 0);
    EXPECT_GT(c["resident_bytes"], 1 << 20);
  }
  const std::string plot = (scratch_ / "front.svg").string();
  const auto shown = run_program(
      {"profile", "show", "pangu-nano", "--threads", "1", "--db", db_, "--svg", plot, "--all"});
  ASSERT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("extraction"), HasSubstr("original"), HasSubstr("w8a8")));
  EXPECT_THAT(read_file(plot), HasSubstr("<svg"));

  const auto answer = recommend({"--objective", "memory", "--min-quality", "0", "--json"});
  ASSERT_EQ(answer.status, 0) << answer.err;
  const Json best = answer.json()["recommendations"][0];
  EXPECT_EQ(best["kind"], "extraction");
  EXPECT_EQ(best["recommended"]["format"], "w8a8");
  EXPECT_THAT(best["recommended"]["command"].get<std::string>(), HasSubstr("--format w8a8"));
  const auto text = recommend();
  EXPECT_THAT(text.out, AllOf(HasSubstr("use "), HasSubstr("measured "), HasSubstr("command ")));
  // Nothing takes so little: the nearest is named.
  EXPECT_THAT(recommend({"--max-memory", "1MiB"}).out, HasSubstr("Nearest to it"));

  const auto again = run_small({"profile", "pangu-nano"});
  EXPECT_THAT(again.err, HasSubstr("0 answers in")) << "what is known is not measured again";
}

TEST_F(CliAdaptive, AProfileIsCheckedAndRefreshed) {
  ASSERT_EQ(run_small({"profile", "pangu-nano"}).status, 0);
  const auto profile = [&](std::vector<std::string> words, const std::string& threads = "1") {
    words.insert(words.begin(), "profile");
    for (const std::string& word : {std::string("--threads"), threads, std::string("--tg"),
                                    std::string("4"), std::string("--db"), db_}) {
      words.push_back(word);
    }
    return run_program(words);
  };
  // Whether figures of so small a model hold is the machine's affair; that the answer and the exit
  // status are one is not.
  const auto checked = profile({"check", "pangu-nano", "--json"});
  const Json json = checked.json();
  EXPECT_EQ(checked.status, json["holds"].get<bool>() ? 0 : 3) << checked.err;
  EXPECT_EQ(json["variants"][0]["variant"], "original");
  EXPECT_EQ(json["variants"][0]["figures"][1]["figure"], "decode");
  EXPECT_EQ(json["next"].is_null(), json["rates_hold"] && json["ratios_hold"]);
  EXPECT_LT(json["measured_s"], 60.0);

  const auto refreshed = profile({"refresh", "pangu-nano", "--only", "original", "--json"});
  ASSERT_EQ(refreshed.status, 0) << refreshed.err;
  EXPECT_EQ(refreshed.json()["refreshed"][0]["variant"], "original");
  EXPECT_THAT(profile({"refresh", "pangu-nano", "--only", "q4_9"}).err, HasSubstr("q4_9"));

  const auto elsewhere = profile({"check", "pangu-nano"}, "2");
  EXPECT_EQ(elsewhere.status, 3);
  EXPECT_THAT(elsewhere.out, AllOf(HasSubstr("does not hold: machine"), HasSubstr("2 threads"),
                                   HasSubstr("next     pangu profile pangu-nano")));
  const auto none = run_program({"profile", "check", "pangu-pico", "--db", db_});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no figures of pangu-pico"));
}

TEST_F(CliAdaptive, ABundleIsOneNameForAllCommands) {
  const std::string out = (scratch_ / "bundle").string();
  const auto made = run_small(
      {"optimize", "pangu-nano", out, "--objective", "memory", "--min-quality", "0", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.json()["default"], "w8a8");
  EXPECT_GT(made.json()["kinds"][0]["size_ratio"], 1.5);
  for (const char* file : {"bundle.json", "REPORT.md", "profile.json", "front-extraction.svg",
                           "weights/w8a8/config.json"}) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(out) / file)) << file;
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(out) / "work"));
  const auto run = run_program({"run", out, "--chat", "--temp", "0", "-q", "--max-tokens", "8",
                                "--threads", "1", "-p", "Hello"});
  EXPECT_EQ(run.status, 0) << run.err;
  const std::string decisions = (scratch_ / "decisions.jsonl").string();
  const auto routed =
      run_program({"run", out, "--auto", "--json", "-q", "--temp", "0", "--max-tokens", "8",
                   "--threads", "1", "--decisions", decisions, "-p", "Translate: good morning"});
  ASSERT_EQ(routed.status, 0) << routed.err;
  const Json route = routed.json()["route"];
  EXPECT_EQ(route["recognised"]["kind"], "translation");
  EXPECT_EQ(route["route"]["kind"], nullptr) << "the bundle was made for extraction alone";
  EXPECT_EQ(route["route"]["weights"], "w8a8");
  EXPECT_THAT(run_program({"run", out, "--auto", "--think", "auto", "-p", "x"}).err,
              HasSubstr("part of what --auto chooses"));
  // Of two messages the second is served as it is recognised; both are on record.
  const auto chat = run_program(
      {"run", out, "--auto", "--explain", "-q", "--temp", "0", "--max-tokens", "8", "--threads",
       "1", "--decisions", decisions},
      {.input = "Hello!\nSummarise this passage in one sentence: Kate lost 29 tickets.\n"});
  EXPECT_EQ(chat.status, 0) << chat.err;
  EXPECT_THAT(chat.err, AllOf(HasSubstr("route   chat"), HasSubstr("not made for this kind"),
                              HasSubstr("route   extraction"), HasSubstr("chosen for this kind")));
  EXPECT_THAT(run_program({"info", out, "--decisions", decisions}).out,
              HasSubstr("3 decisions come out the same again"));
  const auto info = run_program({"info", out, "--json", "-q"});
  ASSERT_EQ(info.status, 0) << info.err;
  EXPECT_EQ(info.json()["bundle"]["kinds"][0]["weights"], "w8a8");
  EXPECT_THAT(run_program({"info", out}).out, HasSubstr("files are as they were written"));
  write_file(std::filesystem::path(out) / "REPORT.md", "changed");
  const auto damaged = run_program({"info", out});
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.err, AllOf(HasSubstr("REPORT.md"), HasSubstr("was changed")));
  const auto twice = run_small({"optimize", "pangu-nano", out});
  EXPECT_EQ(twice.status, 1);
  EXPECT_THAT(twice.err, HasSubstr("finished bundle"));
}

TEST_F(CliAdaptive, AnInterruptedRunIsGoneOnWithAndOthersAreRefused) {
  const std::string out = (scratch_ / "bundle").string();
  // What is left of a run that was killed right after it began.
  const auto other =
      run_small({"optimize", "pangu-nano", out, "--min-quality", "0.5", "--max-memory", "1MiB"});
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("nothing that was measured keeps to the constraints"));
  // Nothing but the request is there: another one takes its place.
  const auto another =
      run_small({"optimize", "pangu-nano", out, "--min-quality", "0.5", "--max-memory", "2MiB"});
  EXPECT_THAT(another.err, HasSubstr("nothing that was measured keeps to the constraints"));
  std::filesystem::create_directory(std::filesystem::path(out) / "work" / "pruned-25");
  const auto changed = run_small({"optimize", "pangu-nano", out});
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.err, HasSubstr("interrupted run with other options"));
  const auto same =
      run_small({"optimize", "pangu-nano", out, "--min-quality", "0.5", "--max-memory", "2MiB"});
  EXPECT_THAT(same.err, HasSubstr("goes on with what was done before"));
}

TEST_F(CliAdaptive, FiguresOfOthersAreToldAndNotUsed) {
  adaptive::ProfileStore store(db_, adaptive::Access::kWrite);
  const auto none = recommend();
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, AllOf(HasSubstr("no figures"), HasSubstr("pangu profile")));
  const auto missing = run_program({"recommend", "pangu-nano", "--db", db_ + ".no"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("does not exist"));
}

TEST_F(CliAdaptive, WrongUsageEndsBeforeAnythingIsMeasured) {
  const auto refused = [&](std::vector<std::string> command, const char* reason) {
    const auto r = run_program(command);
    EXPECT_EQ(r.status, 2) << command[0] << ' ' << command[1] << r.err;
    EXPECT_THAT(r.err, HasSubstr(reason));
    EXPECT_FALSE(std::filesystem::exists(db_));
  };
  refused(small({"profile", "measure", "pangu-nano"}),
          "nothing, show, check or refresh was expected");
  refused(small({"profile", "show", "pangu-nano"}), "leave out 'show'");
  refused(small({"profile", "check", "pangu-nano"}), "leave out 'check'");
  refused(small({"profile", "refresh", "pangu-nano"}), "leave out 'refresh'");
  refused({"profile", "check", "pangu-nano", "--budget", "1m"}, "leave out 'check'");
  refused({"profile", "check", "pangu-nano", "--all"}, "goes with 'show'");
  refused({"profile", "pangu-nano", "--only", "w8a8"}, "goes with 'refresh'");
  refused(small({"profile", "pangu-nano", "--budget", "soon"}), "no time");
  refused(small({"optimize", "pangu-nano", "o", "--for", "poetry"}), "--for poetry");
  refused(small({"optimize", "pangu-nano", "o", "--prune", "0.2"}), "needs --calibration");
  refused(small({"optimize", "pangu-nano", "o", "--distill", "f"}), "add --prune");
  refused(small({"optimize", "pangu-nano", "o.gguf"}), "GGUF");
  refused({"profile", "pangu-nano", "--db", db_, "--task", "math=gsm8k:f", "--spec", "luck"},
          "--spec");
  refused({"recommend", "pangu-nano", "--db", db_, "--min-quality", "1.5"}, "--min-quality");
  refused({"recommend", "pangu-nano", "--db", db_, "--max-memory", "much"}, "no size");
  refused({"recommend", "pangu-nano", "--db", db_, "--objective", "joy"}, "--objective");
}

}  // namespace
}  // namespace pangu::test
