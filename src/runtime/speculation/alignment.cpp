// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/alignment.h"

namespace pangu {
namespace {

/// Tokens that must agree before a differing one for the match to be more than chance.
constexpr int kLeastAgreement = 2;
/// Differing tokens in a row after which the texts have parted.
constexpr int kMostGaps = 4;

}  // namespace

void Alignment::advance(const NGramMatcher& text, TokenId token) {
  const NGramMatcher::Match match = text.match();
  // More agreement elsewhere than here since the last difference.
  if (match.length >= kLeastAgreement && (!place_ || match.length > place_->run)) {
    place_ = {.position = match.position, .gaps = 0, .run = match.length};
  }
  if (!place_) return;
  if (text.tokens()[place_->position] == token) {
    ++place_->run;
  } else if (place_->run > 0) {
    place_->run = 0;
    place_->gaps = 1;
  } else if (++place_->gaps > kMostGaps) {
    place_.reset();
    return;
  }
  ++place_->position;
}

}  // namespace pangu
