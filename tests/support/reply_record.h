// SPDX-License-Identifier: Apache-2.0
// A reply with everything that must not depend on how it was computed.
#pragma once

#include <vector>

#include "pangu/generation.h"

namespace pangu::test {

struct ReplyRecord {
  std::vector<TokenId> ids;
  std::vector<float> logprobs;
  std::string text;
  FinishReason reason{};
  bool operator==(const ReplyRecord&) const = default;

  /// Fills in the log-probabilities, if they were asked for.
  TokenCallback on_token() {
    return [this](const GeneratedToken& t) {
      if (t.logprob) logprobs.push_back(*t.logprob);
    };
  }
  /// And the rest.
  void finish(const Generation& g) {
    ids = g.ids;
    text = g.text;
    reason = g.finish_reason;
  }
};

}  // namespace pangu::test
