// SPDX-License-Identifier: Apache-2.0
// Rewriting text before it is cut into words: the steps of a tokenizer.json's "normalizer".
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/pre_tokenizer/pretokenizer_regex.h"
#include "text/tokenizer/tokenizer_unicode.h"

namespace pangu::text {

struct UnicodeStep {
  NormalForm form;
};
struct LowercaseStep {};
struct StripStep {
  bool left;
  bool right;
};
/// Puts `text` before a stretch that is not empty.
struct PrependStep {
  std::string text;
};
struct ReplaceStep {
  std::variant<Regex, std::string> pattern;
  std::string content;
};

using NormalizerStep =
    std::variant<UnicodeStep, LowercaseStep, StripStep, PrependStep, ReplaceStep>;

/// Runs the steps in order, on a stretch of the text that `work` is for. Throws InputError if a
/// regular expression exceeds its limits, or the stretch would grow more than check_growth() allows
/// (tokenizer_growth.h).
std::string run_normalizer(std::string_view text, const std::vector<NormalizerStep>& steps,
                           RegexWork& work);

}  // namespace pangu::text
