// SPDX-License-Identifier: Apache-2.0
#include "eval/draft.h"

#include <algorithm>
#include <vector>

#include "base/error.h"

namespace pangu::eval {

DraftAgreement draft_agreement(const Model& draft, Context& ctx, const EvalResult& replies,
                               std::int64_t known_ids, const ScorerOptions& options) {
  if (draft.known_ids() != known_ids) {
    fail<ConfigError>(
        "[draft] the draft knows {} tokens, the model {}. A draft with the same tokenizer was "
        "expected.",
        draft.known_ids(), known_ids);
  }
  std::vector<Scorer::Group> groups;
  for (const EvalItem& item : replies.items) {
    if (item.reply.empty() || item.prompt.empty()) continue;
    ScoredText text{.ids = item.prompt, .from = std::ssize(item.prompt)};
    text.ids.insert(text.ids.end(), item.reply.begin(), item.reply.end());
    groups.push_back({std::move(text)});
  }
  if (groups.empty()) {
    fail<ConfigError>(
        "[draft] there are no replies to compare with. A task with replies was "
        "expected: gsm8k, code or match.");
  }
  std::int64_t longest = 0;
  for (const auto& group : groups) longest = std::max(longest, std::ssize(group[0].ids));
  ScorerOptions scorer = options;
  scorer.context = longest;
  const auto scores = Scorer(draft, ctx, scorer).score(groups);
  DraftAgreement out;
  std::vector<Cluster> clusters;
  for (const auto& group : scores) {
    out.tokens += group[0].tokens;
    clusters.push_back(
        {static_cast<double>(group[0].greedy_tokens), static_cast<double>(group[0].tokens)});
  }
  out.share = ratio_of(clusters);
  out.share.ci95.low = std::max(out.share.ci95.low, 0.0);
  out.share.ci95.high = std::min(out.share.ci95.high, 1.0);
  return out;
}

}  // namespace pangu::eval
