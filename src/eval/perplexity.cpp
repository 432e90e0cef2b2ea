// SPDX-License-Identifier: Apache-2.0
// The likelihood of texts, window by window.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "eval/tasks.h"
#include "eval/windows.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {
namespace {

/// A text of one document has no other draws to compare with: its windows stand for them.
EvalItem make_item(const RowInfo& info, std::span<const TextScore> scores, std::size_t bytes) {
  double nll = 0;
  std::int64_t tokens = 0;
  for (const TextScore& score : scores) {
    nll -= score.logprob;
    tokens += score.tokens;
  }
  return {.info = info,
          .measures = {{nll, static_cast<double>(tokens)},
                       {nll / std::numbers::ln2, static_cast<double>(bytes)}},
          .details = {{"nll", nll}, {"tokens", tokens}, {"bytes", bytes}}};
}

/// Bytes of the tokens of each window, as far as they can be told apart: in proportion to tokens.
std::vector<EvalItem> items_of(const RowInfo& info, std::span<const TextScore> scores,
                               std::size_t bytes, bool only_document) {
  if (!only_document || scores.size() < 2) return {make_item(info, scores, bytes)};
  std::int64_t tokens = 0, before = 0;
  for (const TextScore& score : scores) tokens += score.tokens;
  std::vector<EvalItem> items;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto share = [&](std::int64_t t) {
      return static_cast<std::size_t>(static_cast<std::uint64_t>(bytes) *
                                      static_cast<std::uint64_t>(t) /
                                      static_cast<std::uint64_t>(tokens));
    };
    const std::int64_t after = before + scores[i].tokens;
    items.push_back(make_item(info, scores.subspan(i, 1), share(after) - share(before)));
    items.back().details["window"] = i;
    before = after;
  }
  return items;
}

}  // namespace

EvalResult run_perplexity(const Setting& s, const std::vector<TextRow>& rows) {
  const Windows w = windows_of(s.model, s.options);
  EvalResult result;
  result.measured = {{"perplexity", MetricKind::kExpRate}, {"bits_per_byte", MetricKind::kRate}};
  result.settings = {{"window", w.size}, {"stride", w.stride}};
  std::vector<std::vector<TokenId>> documents;
  for (const TextRow& row : rows) documents.push_back(tokens_of_text(s.model, row.text));
  // Rows without text have nothing to score.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (documents[i].size() > 1) order.push_back(i);
  }
  result.planned = std::ssize(order);
  if (order.empty()) {
    fail<InputError>("[eval] {} has no text to score.", s.options.data.string());
  }

  Scorer scorer(s.model, s.ctx,
                {.context = w.size,
                 .cache_positions = std::min(kCachePositions, s.options.batch * (w.size + 64)),
                 .kv = s.options.kv});
  const auto batch = static_cast<std::size_t>(s.options.batch);
  const auto stop = [&] {
    if (s.hooks.cancel.stop_requested()) throw Cancelled("[eval] stopped");
  };
  try {
    for (std::size_t at = 0; at < order.size();) {
      // As many documents as fill a batch of windows.
      std::vector<Scorer::Group> windows;
      std::vector<std::size_t> counts;
      while (at + counts.size() < order.size() && windows.size() < batch) {
        auto cuts = cut_windows(documents[order[at + counts.size()]], w);
        counts.push_back(cuts.size());
        for (ScoredText& one : cuts) windows.push_back({std::move(one)});
      }
      const auto scores = scorer.score(windows, stop);
      std::vector<TextScore> flat;
      for (const auto& score : scores) flat.push_back(score.front());
      std::span<const TextScore> rest(flat);
      for (const std::size_t n : counts) {
        const TextRow& row = rows[order[at++]];
        auto items = items_of(row.info, rest.first(n), row.text.size(), order.size() == 1);
        result.planned += std::ssize(items) - 1;
        for (EvalItem& item : items) add_item(result, std::move(item), s.hooks);
        rest = rest.subspan(n);
      }
    }
  } catch (const Cancelled&) {
    // What is done stands; the rest is missing, which makes the result partial.
  }
  result.prompt_tokens = scorer.stats().tokens;
  result.shared_tokens = scorer.stats().shared_tokens;
  result.prompt_s = scorer.stats().seconds;
  return result;
}

}  // namespace pangu::eval
