// SPDX-License-Identifier: Apache-2.0
// Ids to text, one at a time; Tokenizer::decode is the same walk over all ids.
#include <utility>

#include "base/utf8.h"
#include "pangu/tokenizer.h"

namespace pangu {
namespace {

/// Appends the bytes of `id` without the space that its place in the run makes redundant.
void append_token(const Tokenizer& tokenizer, TokenId id, bool skip_special, bool& at_run_start,
                  std::string& out) {
  if (skip_special && tokenizer.is_special(id)) return;
  const LeadingSpace rule = tokenizer.leading_space();
  const bool per_run = rule == LeadingSpace::kDropPerRun || rule == LeadingSpace::kDropAllPerRun;
  if (tokenizer.ends_run(id)) {
    out += tokenizer.bytes(id);
    at_run_start = per_run;
    return;
  }
  std::string_view bytes = tokenizer.bytes(id);
  if (bytes.empty()) return;
  if (at_run_start && rule != LeadingSpace::kKeep && bytes.front() == ' ') {
    bytes.remove_prefix(1);
    at_run_start = rule == LeadingSpace::kDropAllPerRun && bytes.empty();
  } else {
    at_run_start = false;
  }
  out += bytes;
}

}  // namespace

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  std::string bytes;
  bool at_run_start = true;
  for (const TokenId id : ids) append_token(*this, id, skip_special, at_run_start, bytes);
  return utf8::sanitized(bytes);
}

StreamDecoder::StreamDecoder(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special)
    : tokenizer_(std::move(tokenizer)), skip_special_(skip_special) {}

void StreamDecoder::prime(std::span<const TokenId> ids) {
  for (const TokenId id : ids) push(id);
}

std::string StreamDecoder::push(TokenId id) {
  append_token(*tokenizer_, id, skip_special_, at_run_start_, pending_);
  const std::size_t complete = utf8::complete_prefix(pending_);
  std::string text = utf8::sanitized(std::string_view(pending_).substr(0, complete));
  pending_.erase(0, complete);
  return text;
}

std::string StreamDecoder::flush() {
  std::string text = utf8::sanitized(pending_);
  pending_.clear();
  at_run_start_ = true;
  return text;
}

}  // namespace pangu
