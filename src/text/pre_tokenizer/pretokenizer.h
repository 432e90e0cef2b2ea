// SPDX-License-Identifier: Apache-2.0
// Cutting text into the words that BPE then works on: the steps of a tokenizer.json's
// "pre_tokenizer", each a plain struct, run in order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "text/pre_tokenizer/pretokenizer_regex.h"

namespace pangu::text {

/// A text and the words it is cut into, as [begin, end) in order and without gaps of meaning.
struct Words {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;

  std::string_view word(std::size_t i) const {
    return std::string_view(text).substr(ranges[i].first, ranges[i].second - ranges[i].first);
  }
};

/// Where the text that matches a separator goes.
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

/// Cuts each word at the matches of a regular expression or a literal string. `invert` takes what
/// lies between the matches for the separators.
struct SplitStep {
  std::variant<Regex, std::string> pattern;
  SplitBehavior behavior = SplitBehavior::kIsolated;
  bool invert = false;
};

/// Optionally puts a space before each word, optionally cuts it by GPT-2's rule, then spells every
/// byte as one printable character (bpe_byte_level.h).
struct ByteLevelStep {
  bool add_prefix_space = false;
  std::optional<SplitStep> split;
};

/// Writes spaces as `replacement`, one character, puts one before the text and optionally cuts
/// before each.
struct MetaspaceStep {
  enum class Prepend { kNever, kFirst, kAlways };
  std::string replacement = "\u2581";
  Prepend prepend = Prepend::kAlways;
  bool split = true;
};

using PreTokenizerStep = std::variant<SplitStep, ByteLevelStep, MetaspaceStep>;

/// Runs the steps on one stretch, between added tokens, of the text that `work` is for; `is_first`
/// says that the text begins with it. Throws InputError if a regular expression exceeds its limits,
/// or the stretch would grow more than check_growth() allows (tokenizer_growth.h).
Words pre_tokenize(std::string text, const std::vector<PreTokenizerStep>& steps, bool is_first,
                   RegexWork& work);

/// The pattern that GPT-2 cuts words with.
std::string_view gpt2_pattern();

}  // namespace pangu::text
