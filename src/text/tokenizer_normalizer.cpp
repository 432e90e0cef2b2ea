// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer_normalizer.h"

#include "base/error.h"
#include "base/utf8.h"

namespace pangu::text {
namespace {

// A chain of replacements in a file could multiply a text without end. Unicode's own forms grow it
// 18-fold at most.
constexpr std::size_t kMaxGrowth = 32;
constexpr std::size_t kAlwaysAllowedBytes = 4096;

void check_size(std::size_t bytes, std::size_t original_bytes) {
  if (bytes > original_bytes * kMaxGrowth + kAlwaysAllowedBytes) {
    fail<InputError>(
        "[tokenizer] the tokenizer's normalizer makes a text of {} bytes longer than {} "
        "bytes; at most {} times were expected. Is the tokenizer file damaged?",
        original_bytes, bytes - 1, kMaxGrowth);
  }
}

std::string run(const UnicodeStep& step, const std::string& text) {
  return normalize(text, step.form);
}

std::string run(const LowercaseStep&, const std::string& text) {
  return lowercase(text);
}

std::string run(const StripStep& step, const std::string& text) {
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

std::string run(const PrependStep& step, const std::string& text) {
  return text.empty() ? text : step.text + text;
}

std::string run(const ReplaceStep& step, const std::string& text) {
  std::string out;
  std::size_t done = 0;
  const auto replace = [&](std::size_t begin, std::size_t end) {
    out.append(text, done, begin - done).append(step.content);
    check_size(out.size(), text.size());
    done = end;
  };
  if (const auto* regex = std::get_if<Regex>(&step.pattern)) {
    regex->for_each(text, replace);
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

std::string run_normalizer(std::string_view text, const std::vector<NormalizerStep>& steps) {
  std::string current(text);
  for (const NormalizerStep& step : steps) {
    current = std::visit([&](const auto& s) { return run(s, current); }, step);
    check_size(current.size(), text.size());
  }
  return current;
}

}  // namespace pangu::text
