// SPDX-License-Identifier: Apache-2.0
// Windows slide over a document by the stride. What a window scores is what the one before did not.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "eval/tasks.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {
namespace {

/// Positions of the cache at most: beyond some passes' worth of rows, more at once gains nothing.

struct Windows {
  std::int64_t size, stride;
};

Windows windows_of(const Setting& s) {
  const EvalOptions& o = s.options;
  const std::int64_t size = o.window > 0 ? o.window : std::min<std::int64_t>(s.context(), 2048);
  const std::int64_t stride = o.stride > 0 ? o.stride : std::max<std::int64_t>(size / 2, 1);
  if (stride > size) {
    fail<ConfigError>(
        "[eval] a stride of {} tokens is larger than the window of {}: the tokens between would "
        "not be scored. Use --stride {} or less.",
        stride, size, size);
  }
  return {size, stride};
}

/// The token before the first one, so that every token of the text is scored.
TokenId start_token(const Model& model) {
  if (model.tokenizer->bos_id()) return *model.tokenizer->bos_id();
  const std::vector<TokenId> eos = model.eos_ids();
  if (!eos.empty()) return eos.front();
  fail<ConfigError>(
      "[eval] {} has neither a beginning-of-text nor an end-of-text token, so nothing can stand "
      "before the first token of a text.",
      model.path.string());
}

std::vector<Scorer::Group> cut(std::span<const TokenId> ids, const Windows& w) {
  std::vector<Scorer::Group> windows;
  const auto n = static_cast<std::int64_t>(ids.size());
  // A window looks at `size` tokens and scores the ones after them: ids begin to end.
  for (std::int64_t scored = 0; scored + 1 < n;) {
    const std::int64_t end = std::min(n, scored + 1 + (scored == 0 ? w.size : w.stride));
    const std::int64_t begin = std::max<std::int64_t>(0, end - 1 - w.size);
    windows.push_back(
        {{.ids = {ids.begin() + begin, ids.begin() + end}, .from = scored + 1 - begin}});
    scored = end - 1;
  }
  return windows;
}

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
  const Windows w = windows_of(s);
  const TokenId start = start_token(s.model);
  EvalResult result;
  result.measured = {{"perplexity", MetricKind::kExpRate}, {"bits_per_byte", MetricKind::kRate}};
  result.settings = {{"window", w.size}, {"stride", w.stride}};
  std::vector<std::vector<TokenId>> documents;
  for (const TextRow& row : rows) {
    documents.push_back({start});
    const auto ids = s.model.tokenizer->encode(
        row.text, {.add_bos = false, .add_eos = false, .parse_special = false});
    documents.back().insert(documents.back().end(), ids.begin(), ids.end());
  }
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
        auto cuts = cut(documents[order[at + counts.size()]], w);
        counts.push_back(cuts.size());
        std::move(cuts.begin(), cuts.end(), std::back_inserter(windows));
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
