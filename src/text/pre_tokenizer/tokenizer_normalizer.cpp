// SPDX-License-Identifier: Apache-2.0
#include "text/pre_tokenizer/tokenizer_normalizer.h"

#include "base/utf8.h"
#include "text/pre_tokenizer/tokenizer_growth.h"

namespace pangu::text {
namespace {

/// The stretch as it was, and what its regular expressions may do.
struct NormalizerSource {
  std::string_view text;
  RegexWork& work;

  void check_size(std::size_t bytes) const { check_growth("normalizer", text.size(), bytes); }
};

std::string run(const UnicodeStep& step, const std::string& text, const NormalizerSource&) {
  return normalize(text, step.form);
}

std::string run(const LowercaseStep&, const std::string& text, const NormalizerSource&) {
  return lowercase(text);
}

std::string run(const StripStep& step, const std::string& text, const NormalizerSource&) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (is_space(utf8::next(text, at))) continue;
    if (begin == text.size()) begin = from;
    end = at;
  }
  if (!step.left) begin = 0;
  if (!step.right) end = text.size();
  return begin < end ? text.substr(begin, end - begin) : std::string();
}

std::string run(const PrependStep& step, const std::string& text, const NormalizerSource&) {
  return text.empty() ? text : step.text + text;
}

std::string run(const ReplaceStep& step, const std::string& text, const NormalizerSource& source) {
  std::string out;
  std::size_t done = 0;
  const auto replace = [&](std::size_t begin, std::size_t end) {
    out.append(text, done, begin - done).append(step.content);
    source.check_size(out.size());
    done = end;
  };
  if (const auto* regex = std::get_if<Regex>(&step.pattern)) {
    regex->for_each(text, source.work, replace);
  } else {
    const auto& literal = std::get<std::string>(step.pattern);
    for (std::size_t at = 0; (at = text.find(literal, at)) != std::string::npos;) {
      replace(at, at + literal.size());
      at += literal.size();
    }
  }
  return out.append(text, done);
}

}  // namespace

std::string run_normalizer(std::string_view text, const std::vector<NormalizerStep>& steps,
                           RegexWork& work) {
  const NormalizerSource source{text, work};
  std::string current(text);
  for (const NormalizerStep& step : steps) {
    current = std::visit([&](const auto& s) { return run(s, current, source); }, step);
    source.check_size(current.size());
  }
  return current;
}

}  // namespace pangu::text
