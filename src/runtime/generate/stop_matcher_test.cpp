// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/stop_matcher.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

struct Outcome {
  std::string emitted;
  bool stopped = false;
  std::string matched;
  bool operator==(const Outcome&) const = default;
};

// Tries every end and, at an end, every stop string; the whole text lies before it.
Outcome brute_force(const std::vector<std::string>& stops, const std::string& text) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    const std::string head = text.substr(0, end);
    std::string best;
    for (const std::string& stop : stops) {
      if (head.ends_with(stop) && stop.size() > best.size()) best = stop;
    }
    if (!best.empty()) return {text.substr(0, end - best.size()), true, best};
  }
  return {text, false, ""};
}

// Longest end of the text that is a proper beginning of a stop string.
std::size_t bytes_to_hold(const std::vector<std::string>& stops, const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& stop : stops) {
    for (std::size_t n = 1; n < stop.size() && n <= text.size(); ++n) {
      if (text.ends_with(stop.substr(0, n))) longest = std::max(longest, n);
    }
  }
  return longest;
}

TEST(StopMatcher, MatchesAcrossPieces) {
  const std::vector<std::string> stops{"\n\nUser:"};
  StopMatcher matcher(stops);
  EXPECT_EQ(matcher.feed("Hello\n").emit, "Hello");
  EXPECT_EQ(matcher.held(), "\n");
  EXPECT_EQ(matcher.feed("\nUs").emit, "");
  const auto result = matcher.feed("er: more");
  EXPECT_EQ(result.emit, "");
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(matcher.matched(), "\n\nUser:");
  EXPECT_EQ(matcher.feed("ignored").emit, "");
  EXPECT_TRUE(matcher.feed("ignored").stopped);
  EXPECT_EQ(matcher.flush(), "");
}

TEST(StopMatcher, ReleasesWhatTurnsOutToBeText) {
  const std::vector<std::string> stops{"aab"};
  StopMatcher matcher(stops);
  EXPECT_EQ(matcher.feed("aa").emit, "");
  EXPECT_EQ(matcher.feed("a").emit, "a");  // "aa" may still begin the stop string
  EXPECT_EQ(matcher.feed("c").emit, "aac");
  EXPECT_EQ(matcher.feed("xa").emit, "x");
  EXPECT_EQ(matcher.flush(), "a");
  EXPECT_FALSE(matcher.stopped());
  EXPECT_EQ(matcher.feed("ab").emit, "ab");  // what was flushed is no longer part of the text
  EXPECT_FALSE(matcher.stopped());
}

TEST(StopMatcher, TheFirstCompleteOneWinsThenTheLongest) {
  const auto matched = [](const std::vector<std::string>& stops, std::string_view text) {
    StopMatcher matcher(stops);
    const std::string emit = matcher.feed(text).emit;
    return emit + "|" + std::string(matcher.matched());
  };
  EXPECT_EQ(matched({"abcd", "bc"}, "xabcd"), "xa|bc");
  EXPECT_EQ(matched({"c", "bc", "abc"}, "xabcd"), "x|abc");
  EXPECT_EQ(matched({"ab", "abc"}, "xabc"), "x|ab");
  EXPECT_EQ(matched({"ab", "ab"}, "ab"), "|ab");
}

TEST(StopMatcher, WithoutStopStringsPassesTextThrough) {
  StopMatcher matcher;
  EXPECT_EQ(matcher.feed("any text").emit, "any text");
  EXPECT_EQ(matcher.feed("").emit, "");
  EXPECT_EQ(matcher.flush(), "");
}

TEST(StopMatcher, ResetStartsAfresh) {
  const std::vector<std::string> stops{"stop"};
  StopMatcher matcher(stops);
  EXPECT_TRUE(matcher.feed("a stop").stopped);
  matcher.reset();
  EXPECT_FALSE(matcher.stopped());
  EXPECT_EQ(matcher.matched(), "");
  EXPECT_EQ(matcher.feed("st").emit, "");
  matcher.reset();
  EXPECT_EQ(matcher.feed("op").emit, "op");
}

TEST(StopMatcher, KeepsCharactersWhole) {
  const std::vector<std::string> stops{"\xE5\xA5\xBD\xE5\x90\x97"};  // two characters
  StopMatcher matcher(stops);
  EXPECT_EQ(matcher.feed("\xE4\xBD\xA0\xE5\xA5\xBD").emit, "\xE4\xBD\xA0");
  EXPECT_EQ(matcher.feed("\xE5\x90\x83").emit, "\xE5\xA5\xBD\xE5\x90\x83");  // shares two bytes
}

TEST(StopMatcher, RandomTextsAndPiecesAgreeWithBruteForce) {
  // RapidCheck takes its seed and number of trials from the environment alone.
  const std::string parameters =
      fmt::format("seed={} max_success={}", test::seed(), test::kSanitized ? 100 : 1000);
  setenv("RC_PARAMS", parameters.c_str(), 0);
  const bool ok = rc::check("any cut into pieces gives what the whole text gives", [] {
    // Two letters make overlaps and repetitions frequent.
    const auto letters = rc::gen::element('a', 'b');
    const auto stops = *rc::gen::container<std::vector<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(letters)));
    const auto pieces =
        *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(letters));
    StopMatcher matcher(stops);
    Outcome got;
    std::string text;
    for (const std::string& piece : pieces) {
      const auto result = matcher.feed(piece);
      got.emitted += result.emit;
      text += piece;
      RC_ASSERT(result.stopped == matcher.stopped());
      RC_ASSERT(result.stopped == brute_force(stops, text).stopped);
      if (!result.stopped) {
        RC_ASSERT(matcher.held().size() == bytes_to_hold(stops, text));
      }
    }
    got.emitted += matcher.flush();
    got.stopped = matcher.stopped();
    got.matched = matcher.matched();
    RC_ASSERT(got == brute_force(stops, text));
  });
  EXPECT_TRUE(ok);
}

TEST(StopMatcher, TimeStaysLinearInTheWorstText) {
  // Nearly every byte falls back, and 60,000 bytes are held all the time.
  const std::vector<std::string> stops{std::string(60000, 'a') + "b"};
  StopMatcher matcher(stops);
  std::size_t emitted = 0;
  for (int i = 0; i < 2000000; ++i) emitted += matcher.feed("a").emit.size();
  EXPECT_EQ(emitted, 2000000u - 60000u);
  EXPECT_EQ(matcher.flush().size(), 60000u);
}

TEST(StopMatcher, EveryError) {
  const auto make = [](std::vector<std::string> stops) { StopMatcher matcher(stops); };
  PANGU_EXPECT_ERROR(make({"a", ""}), ConfigError, "stop string 2 of 2", "empty");
  PANGU_EXPECT_ERROR(make({"a\xFF"}), ConfigError, "stop string 1 of 1", "UTF-8 at byte 1");
  make({std::string(StopMatcher::kMaxTotalBytes, 'x')});
  PANGU_EXPECT_ERROR(make({std::string(StopMatcher::kMaxTotalBytes, 'x'), "y"}), ConfigError,
                     "65537 bytes", "at most 65536");
}

}  // namespace
}  // namespace pangu
