// SPDX-License-Identifier: Apache-2.0
// Regex on PCRE2. A pattern comes from a file and is not trusted: sizes, steps and heap are
// limited. PCRE2's own limit on steps holds for one place of a text where a match may begin, so
// that a text with many such places has none; it calls back before each item instead.
#include "text/pre_tokenizer/pretokenizer_regex.h"

#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "text/pre_tokenizer/pretokenizer_dialect.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace pangu::text {
namespace {

constexpr std::size_t kMaxPatternBytes = 64 << 10;
constexpr std::uint32_t kMaxStepsAtOnePlace = 10'000'000;
constexpr std::uint32_t kMaxHeapKibibytes = 64 << 10;
constexpr std::size_t kBytesPerStep = 16;

std::string message_of(int error) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(error, buffer, sizeof buffer);
  return reinterpret_cast<const char*>(buffer);
}

const pcre2_code* code_of(const std::shared_ptr<const void>& code) {
  return static_cast<const pcre2_code*>(code.get());
}

}  // namespace

/// Only where a match lies is asked for: one pair of offsets will do for any pattern.
struct RegexWork::Scratch {
  Scratch()
      : data(pcre2_match_data_create(1, nullptr), &pcre2_match_data_free),
        context(pcre2_match_context_create(nullptr), &pcre2_match_context_free) {
    if (!data || !context) fail<OutOfMemory>("[tokenizer] no memory for regular expressions.");
    pcre2_set_match_limit(context.get(), kMaxStepsAtOnePlace);
    pcre2_set_depth_limit(context.get(), kMaxStepsAtOnePlace);
    pcre2_set_heap_limit(context.get(), kMaxHeapKibibytes);
  }

  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data;
  std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> context;
};

/// Called before each item of a pattern.
struct RegexWork::Callout {
  static int count(pcre2_callout_block* block, void* data) {
    RegexWork& work = *static_cast<RegexWork*>(data);
    const std::size_t at = block->current_position;
    const std::size_t moved =
        at > work.last_position_ ? at - work.last_position_ : work.last_position_ - at;
    work.last_position_ = at;
    work.steps_ += 1 + moved / kBytesPerStep;
    return work.steps_ > work.max_steps() ? PCRE2_ERROR_CALLOUT : 0;
  }
};

Regex::Regex(std::string_view pattern, std::string file)
    : pattern_(pattern), file_(std::move(file)) {
  if (pattern.size() > kMaxPatternBytes) {
    fail<Unsupported>(
        "[tokenizer] {}: the regular expression '{}' has {} bytes; at most {} are read.", file_,
        shown_pattern(pattern), pattern.size(), kMaxPatternBytes);
  }
  // The patterns are written for Oniguruma, where ^ and $ always match at line ends.
  constexpr std::uint32_t kOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE |
                                     PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK |
                                     PCRE2_AUTO_CALLOUT;
  const std::string translated = to_pcre2(pattern, file_);
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
                                   translated.size(), kOptions, &error, &at, nullptr);
  if (!code) {
    fail<Unsupported>(
        "[tokenizer] {}: the regular expression '{}' is not understood: {} at byte {} of '{}'. "
        "PCRE2 syntax was expected.",
        file_, shown_pattern(pattern), message_of(error), at, shown_pattern(translated));
  }
  code_.reset(static_cast<const void*>(code), [](const void* p) {
    pcre2_code_free(static_cast<pcre2_code*>(const_cast<void*>(p)));
  });
  // Only speed depends on it: without just-in-time compilation the same matches come slower.
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
}

int Regex::match_at(std::string_view text, std::size_t at, RegexWork& work) const {
  const RegexWork::Scratch& scratch = *work.scratch_;
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  work.last_position_ = at;
  const int found = pcre2_match(code_of(code_), subject, text.size(), at, PCRE2_NO_UTF_CHECK,
                                scratch.data.get(), scratch.context.get());
  if (found != PCRE2_ERROR_JIT_STACKLIMIT) return found;
  // The interpreter keeps its stack on the heap.
  work.last_position_ = at;
  return pcre2_match(code_of(code_), subject, text.size(), at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                     scratch.data.get(), scratch.context.get());
}

void Regex::refuse(int found, std::string_view text, const RegexWork& work) const {
  if (found == PCRE2_ERROR_CALLOUT) {
    fail<InputError>(
        "[tokenizer] {}: the regular expression '{}' fails on this text of {} bytes: it takes more "
        "than {} steps, the limit for one text. Split the text, or correct the pattern.",
        file_, shown_pattern(pattern_), work.text_bytes(), work.max_steps());
  }
  fail<InputError>(
      "[tokenizer] {}: the regular expression '{}' fails on this text of {} bytes: {}. Split the "
      "text, or correct the pattern.",
      file_, shown_pattern(pattern_), text.size(),
      found < 0 ? message_of(found) : "a match runs backwards");
}

void Regex::for_each(std::string_view text, RegexWork& work,
                     const std::function<void(std::size_t, std::size_t)>& match) const {
  if (!work.scratch_) work.scratch_ = std::make_shared<RegexWork::Scratch>();
  pcre2_set_callout(work.scratch_->context.get(), &RegexWork::Callout::count, &work);
  const PCRE2_SIZE* range = pcre2_get_ovector_pointer(work.scratch_->data.get());
  for (std::size_t at = 0; at < text.size();) {
    const int found = match_at(text, at, work);
    if (found == PCRE2_ERROR_NOMATCH) return;
    if (found < 0 || range[0] < at || range[1] < range[0]) refuse(found, text, work);
    match(range[0], range[1]);
    std::size_t end = range[1];
    if (end == range[0] && end < text.size()) utf8::next(text, end);  // step past an empty match
    if (end == range[0]) return;
    at = end;
  }
}

}  // namespace pangu::text
