// SPDX-License-Identifier: Apache-2.0
// Random templates against Python's own Jinja. docs/testing.md has the long run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "jinja/conversations_for_test.h"
#include "jinja/oracle_for_test.h"
#include "jinja/rules_for_test.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::jinja {
namespace {

std::vector<std::string_view> lines_of_rules(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

constexpr std::string_view kLineEnd = "⏎";

/// Writes random templates by the rules.
class TemplateWriter {
 public:
  explicit TemplateWriter(std::uint64_t seed) : rng_(seed) {
    for (const test::Rules& rules : test::kRules) {
      leaves_[rules.kind] = lines_of_rules(rules.leaves);
      rules_[rules.kind] = lines_of_rules(rules.rules);
    }
  }

  std::string next() {
    std::string out;
    for (std::size_t i = 0; i < 1 + below(3); ++i) out += written('T', 4);
    return with_signs(out);
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(rng_() % n); }

  std::string written(char kind, int depth) {
    const bool is_leaf = depth <= 0 || below(6) == 0;
    const auto& choices = is_leaf ? leaves_[kind] : rules_[kind];
    const std::string_view rule = choices[below(choices.size())];
    std::string out;
    for (std::size_t at = 0; at < rule.size(); ++at) {
      if (rule[at] == '$') {
        out += written(rule[++at], depth - 1);
      } else if (rule.substr(at).starts_with(kLineEnd)) {
        out += '\n';
        at += kLineEnd.size() - 1;
      } else {
        out += rule[at];
      }
    }
    return out;
  }

  /// Some tags get a sign that trims blanks, or keeps them.
  std::string with_signs(const std::string& source) {
    std::string out;
    for (std::size_t at = 0; at < source.size(); ++at) {
      out += source[at];
      const bool opens = source[at] == '%' && at > 0 && source[at - 1] == '{';
      if (opens && source.compare(at + 1, 4, " raw") != 0 && below(8) == 0) {
        out += below(3) == 0 ? '+' : '-';
      }
      if (below(60) == 0 && source[at] == '}' && at + 1 < source.size() && source[at + 1] == '{') {
        out += "\n  ";
      }
    }
    return out;
  }

  std::mt19937_64 rng_;
  std::map<char, std::vector<std::string_view>> leaves_;
  std::map<char, std::vector<std::string_view>> rules_;
};

std::vector<Json> conversations() {
  return {
      Json::parse(R"({"messages": [{"role": "user", "content": "Hi"}],
                      "add_generation_prompt": true, "tools": null, "bos_token": "<s>"})"),
      Json::parse(R"({"messages": [{"role": "system", "content": "Be kind.\n"},
                                   {"role": "user", "content": "  Häl<lo> & 系统 "},
                                   {"role": "assistant", "content": "<think>a</think>\n\nb", "n": 2},
                                   {"role": "user", "content": ""}],
                      "add_generation_prompt": false, "tools": [{"name": "f"}], "bos_token": ""})"),
      Json::parse(R"({"messages": [{"role": "user", "content": "weather?"},
                                   {"role": "assistant", "content": null,
                                    "tool_calls": [{"function": {"name": "w", "arguments": {"c": "北京", "d": 2.0}}}]},
                                   {"role": "tool", "content": "{\"t\": 3}"}],
                      "add_generation_prompt": true, "tools": [], "bos_token": "<|im_start|>"})"),
  };
}

/// What Python's Jinja makes of each case: an array with {"text"} or {"error"} for each set of
/// variables; fewer arrays than cases if it failed.
std::vector<Json> oracle_results(const std::string& python,
                                 const std::vector<test::OracleCase>& cases) {
  const pangu::test::ScratchDir scratch;
  std::string lines;
  for (const test::OracleCase& each : cases) {
    lines += Json{{"template", each.source}, {"variables", each.variables}}.dump() + "\n";
  }
  pangu::test::write_file(scratch / "oracle.py", test::kOracleScript);
  pangu::test::write_file(scratch / "in", lines);
  const std::string at = scratch.path().string() + "/";
  const std::string command =
      python + " '" + at + "oracle.py' <'" + at + "in' >'" + at + "out' 2>'" + at + "err'";
  EXPECT_EQ(std::system(command.c_str()), 0) << pangu::test::read_file(scratch / "err");
  std::vector<Json> out;
  std::istringstream results(pangu::test::read_file(scratch / "out"));
  for (std::string line; std::getline(results, line);) out.push_back(Json::parse(line));
  return out;
}

/// What our side makes of it: a text, or the error.
Json ours(const test::OracleCase& each, const Json& values) {
  std::vector<Variable> variables;
  for (const auto& [name, value] : values.items()) variables.push_back({name, value});
  try {
    return {{"text", Template::parse(each.source, "test").render(variables).bytes()}};
  } catch (const Error& error) {
    return {{"error", error.what()}};
  }
}

/// Compares both sides, and counts what was found.
void expect_same(const std::string& python, const std::vector<test::OracleCase>& cases,
                 std::map<std::string, int>& counts) {
  const std::vector<Json> results = oracle_results(python, cases);
  ASSERT_EQ(results.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    for (std::size_t j = 0; j < cases[i].variables.size(); ++j) {
      const Json& theirs = results[i][j];
      const Json mine = ours(cases[i], cases[i].variables[j]);
      const bool both_refuse = mine.contains("error") && theirs.contains("error");
      // Python's integers have no end.
      const bool is_too_large = mine.contains("error") && mine["error"].get<std::string>().find(
                                                              "64-bit") != std::string::npos;
      ++counts[both_refuse      ? "refused by both"
               : mine == theirs ? "identical"
               : is_too_large   ? "past 64 bits"
                                : "different"];
      EXPECT_TRUE(both_refuse || is_too_large || mine == theirs)
          << "conversation " << j << " of template\n"
          << cases[i].source << "\nhere:   " << mine << "\nJinja2: " << theirs;
    }
  }
}

void print_counts(const std::map<std::string, int>& counts) {
  for (const auto& [what, n] : counts) std::cout << n << " " << what << "\n";
}

constexpr const char* kNeedsPython = "needs a python3 with jinja2 (Debian: python3-jinja2)";

TEST(Differential, RandomTemplatesGiveWhatPythonsJinjaGives) {
  const std::string python = test::oracle_python();
  if (python.empty()) GTEST_SKIP() << kNeedsPython;
  const auto count = pangu::test::number_from("PANGU_TEST_TEMPLATES", 300);
  TemplateWriter writer(pangu::test::seed());
  std::map<std::string, int> counts;
  for (std::int64_t done = 0; done < count;) {
    std::vector<test::OracleCase> cases;
    for (; cases.size() < 2000 && done < count; ++done) {
      cases.push_back({writer.next(), conversations()});
    }
    expect_same(python, cases, counts);
  }
  print_counts(counts);
  EXPECT_GT(counts["identical"], count);
}

TEST(Differential, TemplatesInFilesGiveWhatPythonsJinjaGives) {
  const char* folder = std::getenv("PANGU_TEST_TEMPLATE_FILES");
  if (!folder) GTEST_SKIP() << "needs PANGU_TEST_TEMPLATE_FILES, a folder of .jinja files";
  const std::string python = test::oracle_python();
  if (python.empty()) GTEST_SKIP() << kNeedsPython;
  std::vector<test::OracleCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".jinja") continue;
    cases.push_back({pangu::test::read_file(entry.path()), test::conversations_of_all_kinds()});
  }
  ASSERT_FALSE(cases.empty()) << folder;
  std::map<std::string, int> counts;
  expect_same(python, cases, counts);
  print_counts(counts);
}

}  // namespace
}  // namespace pangu::jinja
