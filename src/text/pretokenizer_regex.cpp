// SPDX-License-Identifier: Apache-2.0
// Regex on PCRE2. A pattern comes from a file and is not trusted: sizes, steps and heap are
// limited.
#include "text/pretokenizer_regex.h"

#include <utility>

#include "base/error.h"
#include "base/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace pangu::text {
namespace {

constexpr std::size_t kMaxPatternBytes = 64 << 10;
constexpr std::uint32_t kMaxSteps = 10'000'000;
constexpr std::uint32_t kMaxHeapKibibytes = 64 << 10;

std::string message_of(int error) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(error, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

std::string shown(std::string_view pattern) {
  if (pattern.size() <= 120) return std::string(pattern);
  const std::string_view head = pattern.substr(0, 120);
  return std::string(head.substr(0, utf8::complete_prefix(head))) + "...";
}

const pcre2_code* code_of(const std::shared_ptr<const void>& code) {
  return static_cast<const pcre2_code*>(code.get());
}

}  // namespace

Regex::Regex(std::string_view pattern, std::string file)
    : pattern_(pattern), file_(std::move(file)) {
  if (pattern.size() > kMaxPatternBytes || pattern.find("&&") != std::string_view::npos) {
    fail<Unsupported>(
        "[tokenizer] {}: the regular expression '{}' ({} bytes) is over {} bytes or "
        "has a class intersection (&&). Neither is supported.",
        file_, shown(pattern), pattern.size(), kMaxPatternBytes);
  }
  // The patterns are written for Oniguruma, where ^ and $ always match at line ends.
  constexpr std::uint32_t kOptions =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK;
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   kOptions, &error, &at, nullptr);
  if (!code) {
    fail<Unsupported>(
        "[tokenizer] {}: the regular expression '{}' is not understood: {} at byte {}. "
        "PCRE2 syntax was expected.",
        file_, shown(pattern), message_of(error), at);
  }
  code_.reset(static_cast<const void*>(code), [](const void* p) {
    pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p)));
  });
  // Only speed depends on it: without just-in-time compilation the same matches come slower.
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);

  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  if (!context) fail<OutOfMemory>("[tokenizer] {}: no memory for a regular expression.", file_);
  pcre2_set_match_limit(context, kMaxSteps);
  pcre2_set_depth_limit(context, kMaxSteps);
  pcre2_set_heap_limit(context, kMaxHeapKibibytes);
  context_.reset(static_cast<const void*>(context), [](const void* p) {
    pcre2_match_context_free(static_cast<pcre2_match_context*>(const_cast<void*>(p)));
  });
}

void Regex::for_each(std::string_view text,
                     const std::function<void(std::size_t, std::size_t)>& match) const {
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
      pcre2_match_data_create_from_pattern(code_of(code_), nullptr), &pcre2_match_data_free);
  if (!data) fail<OutOfMemory>("[tokenizer] {}: no memory for a regular expression.", file_);
  auto* context = static_cast<pcre2_match_context*>(const_cast<void*>(context_.get()));
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    int found = pcre2_match(code_of(code_), subject, text.size(), at, PCRE2_NO_UTF_CHECK,
                            data.get(), context);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) {  // the interpreter keeps its stack on the heap
      found = pcre2_match(code_of(code_), subject, text.size(), at,
                          PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data.get(), context);
    }
    if (found == PCRE2_ERROR_NOMATCH) return;
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data.get());
    if (found < 0 || range[0] < at || range[1] < range[0]) {
      fail<InputError>(
          "[tokenizer] {}: the regular expression '{}' fails on this text of {} bytes: "
          "{}. Split the text, or correct the pattern.",
          file_, shown(pattern_), text.size(),
          found < 0 ? message_of(found) : "a match runs backwards");
    }
    match(range[0], range[1]);
    std::size_t end = range[1];
    if (end == range[0] && end < text.size()) utf8::next(text, end);  // step past an empty match
    if (end == range[0]) return;
    at = end;
  }
}

}  // namespace pangu::text
