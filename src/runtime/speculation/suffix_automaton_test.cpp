// SPDX-License-Identifier: Apache-2.0
// The automaton against lists of all substrings.
#include "runtime/speculation/suffix_automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/support.h"

namespace pangu {
namespace {

using Ids = std::vector<TokenId>;

/// How often a substring occurs in some texts.
int occurrences(const std::vector<Ids>& texts, const Ids& what) {
  int n = 0;
  for (const Ids& text : texts) {
    for (auto at = text.begin();; ++at, ++n) {
      at = std::search(at, text.end(), what.begin(), what.end());
      if (at == text.end()) break;
    }
  }
  return n;
}

/// The longest end of the last text that occurs twice.
Ids repeated_end(const std::vector<Ids>& texts) {
  Ids end = texts.back();
  while (!end.empty() && occurrences(texts, end) < 2) end.erase(end.begin());
  return end;
}

std::map<TokenId, int> continuations(const std::vector<Ids>& texts, Ids of, int alphabet) {
  std::map<TokenId, int> out;
  for (TokenId token = 0; token < alphabet; ++token) {
    of.push_back(token);
    if (const int n = occurrences(texts, of)) out[token] = n;
    of.pop_back();
  }
  return out;
}

std::map<TokenId, int> continuations(const SuffixAutomaton& automaton,
                                     SuffixAutomaton::State state) {
  std::vector<SuffixAutomaton::Next> next;
  automaton.continuations(state, next);
  std::map<TokenId, int> out;
  for (const auto& n : next) out[n.token] = n.count;
  return out;
}

TEST(SuffixAutomaton, KnowsRepeatedEndsAndWhatFollowedThem) {
  std::mt19937_64 random(test::seed());
  for (const int alphabet : {1, 2, 4, 9}) {
    SuffixAutomaton automaton;
    std::vector<Ids> texts(1);
    for (int i = 0; i < 120; ++i) {
      if (i % 50 == 49) {
        automaton.end_text();
        texts.emplace_back();
      }
      const auto token = static_cast<TokenId>(random() % static_cast<unsigned>(alphabet));
      automaton.push(token);
      texts.back().push_back(token);
      const Ids want = repeated_end(texts);
      const SuffixAutomaton::Match got = automaton.repeated_end();
      ASSERT_EQ(got.length, std::ssize(want)) << "token " << i << ", alphabet " << alphabet;
      if (!want.empty()) {
        ASSERT_EQ(continuations(automaton, got.state), continuations(texts, want, alphabet));
      }
    }
    EXPECT_LE(automaton.states(), 2u * 120 + 1);
  }
}

TEST(SuffixAutomaton, FollowsAnotherText) {
  std::mt19937_64 random(test::seed());
  for (const int alphabet : {2, 3, 6}) {
    const auto draw = [&] {
      return static_cast<TokenId>(random() % static_cast<unsigned>(alphabet));
    };
    SuffixAutomaton automaton;
    std::vector<Ids> texts;
    SuffixAutomaton::Match match;
    Ids followed;
    for (int i = 0; i < 100; ++i) {
      if (i % 20 == 0) {  // the texts grow while another is followed
        texts.emplace_back();
        for (int k = 0; k < 15; ++k) {
          texts.back().push_back(draw());
          automaton.push(texts.back().back());
        }
        automaton.end_text();
      }
      followed.push_back(draw());
      match = automaton.follow(match, followed.back());
      Ids end = followed;
      while (!end.empty() && occurrences(texts, end) == 0) end.erase(end.begin());
      // Later texts may have longer ends, which are found late; none is overstated.
      ASSERT_LE(match.length, std::ssize(end));
      if (i < 20) {
        ASSERT_EQ(match.length, std::ssize(end));
      }
      if (match.length > 0) {
        const Ids matched(followed.end() - match.length, followed.end());
        ASSERT_EQ(continuations(automaton, match.state), continuations(texts, matched, alphabet));
      }
    }
  }
}

TEST(SuffixAutomaton, ForgetsEverything) {
  SuffixAutomaton automaton;
  for (const TokenId token : {1, 2, 1, 2}) automaton.push(token);
  EXPECT_EQ(automaton.repeated_end().length, 2);
  automaton.clear();
  EXPECT_EQ(automaton.tokens(), 0);
  EXPECT_EQ(automaton.states(), 1u);
  automaton.push(1);
  EXPECT_EQ(automaton.repeated_end().length, 0);
}

}  // namespace
}  // namespace pangu
