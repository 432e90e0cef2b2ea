// SPDX-License-Identifier: Apache-2.0
#include "eval/divergence.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "eval/position_divergence.h"
#include "eval/tasks.h"
#include "eval/windows.h"

namespace pangu::eval {
namespace {

std::vector<MetricInfo> divergence_metrics() {
  return {{"kl", MetricKind::kRate},
          {"same_top", MetricKind::kPooledShare},
          {"logprob_change", MetricKind::kRate},
          {"perplexity_ratio", MetricKind::kExpRate},
          {"rms_prob_change", MetricKind::kRootRate},
          {"perplexity", MetricKind::kExpRate},
          {"reference_perplexity", MetricKind::kExpRate}};
}

EvalItem divergence_item(const RowInfo& info, std::span<const PositionDivergence> positions) {
  double kl = 0, same = 0, change = 0, squares = 0, nll = 0, reference_nll = 0;
  EvalItem item{.info = info};
  for (const PositionDivergence& p : positions) {
    item.values.push_back(p.kl);
    kl += p.kl;
    same += p.same_top ? 1 : 0;
    change += p.logprob - p.reference_logprob;
    squares += (p.prob - p.reference_prob) * (p.prob - p.reference_prob);
    nll -= p.logprob;
    reference_nll -= p.reference_logprob;
  }
  const auto n = static_cast<double>(positions.size());
  item.measures = {{kl, n},      {same, n}, {change, n},       {-change, n},
                   {squares, n}, {nll, n},  {reference_nll, n}};
  item.details = {{"tokens", positions.size()},
                  {"kl", n > 0 ? kl / n : 0},
                  {"kl_max", n > 0 ? *std::ranges::max_element(item.values) : 0},
                  {"same_top", same},
                  {"nll", nll},
                  {"reference_nll", reference_nll}};
  return item;
}

/// Runs a model over some texts of a reference at a time.
class Comparer {
 public:
  Comparer(const Reference& reference, const Model& model, Context& ctx,
           const DivergenceOptions& options, const EvalHooks& hooks)
      : reference_(reference),
        model_name_(model.path.string()),
        ctx_(ctx),
        options_(options),
        hooks_(hooks),
        scorer_(model, ctx,
                {.context = reference.context(),
                 .cache_positions =
                     std::min(kCachePositions, options.batch * (reference.context() + 64)),
                 .kv = options.kv}),
        comparisons_(static_cast<std::size_t>(ctx.threads().size())) {
    result_.task = name(Task::kDivergence);
    result_.measured = divergence_metrics();
    result_.planned = std::ssize(reference.texts());
    result_.settings = {{"reference", reference.model()}, {"tokens", reference.positions()}};
  }

  EvalResult run() {
    const Stopwatch watch;
    const std::span<const ReferenceText> texts(reference_.texts());
    try {
      for (std::size_t at = 0; at < texts.size() && !result_.decided;) {
        const std::size_t n = batch_size(texts.subspan(at));
        take(at, compare(texts.subspan(at, n), reference_.first_position(at)));
        at += n;
      }
    } catch (const Cancelled&) {
      // What is done stands; the rest is missing, which makes the result partial.
    }
    result_.partial = std::ssize(result_.items) < result_.planned;
    result_.prompt_tokens = scorer_.stats().tokens;
    result_.shared_tokens = scorer_.stats().shared_tokens;
    result_.prompt_s = scorer_.stats().seconds;
    result_.seconds = watch.seconds();
    return std::move(result_);
  }

 private:
  /// As many texts as fill a batch of passages.
  std::size_t batch_size(std::span<const ReferenceText> rest) const {
    std::size_t n = 0;
    for (std::int64_t passages = 0; n < rest.size() && passages < options_.batch; ++n) {
      passages += std::ssize(rest[n].passages);
    }
    return n;
  }

  /// Every position of some texts, the first of which is number `first` of the reference.
  std::vector<PositionDivergence> compare(std::span<const ReferenceText> texts,
                                          std::int64_t first) {
    const PassageList list(texts);
    std::vector<PositionDivergence> out(static_cast<std::size_t>(list.positions));
    const auto vocabulary = static_cast<std::size_t>(reference_.vocabulary());
    // One piece of work for each thread, with room of its own.
    const auto workers = std::ssize(comparisons_);
    const auto take_pass = [&](const PassLogits& pass) {
      ctx_.threads().parallel_for(workers, 1, [&](int64_t begin, int64_t end) {
        for (int64_t w = begin; w < end; ++w) {
          for (int64_t i = w; i < std::ssize(pass.asked); i += workers) {
            const PassLogits::Asked& asked = pass.asked[static_cast<std::size_t>(i)];
            const auto logits = pass.row(asked.row).first(vocabulary);
            require_finite(logits, model_name_);
            const std::int64_t position = list.position(asked);
            out[static_cast<std::size_t>(position)] =
                comparisons_[static_cast<std::size_t>(w)].compare(
                    reference_.logits(first + position), logits, list.next(asked));
          }
        }
      });
    };
    scorer_.visit(list.groups, take_pass, [&] {
      if (hooks_.cancel.stop_requested()) throw Cancelled("[kl] stopped");
    });
    reference_.drop(first, list.positions);
    return out;
  }

  /// Adds items, text by text, until the divergence is certain to be above the limit. What comes
  /// behind in the batch is left out, so that the result does not depend on its size.
  void take(std::size_t first_text, std::span<const PositionDivergence> positions) {
    for (std::size_t t = first_text; !positions.empty() && !result_.decided; ++t) {
      const ReferenceText& text = reference_.texts()[t];
      const auto n = static_cast<std::size_t>(text.positions());
      EvalItem item = divergence_item(text.info, positions.first(n));
      positions = positions.subspan(n);
      kl_.push_back(item.measures[0]);
      add_item(result_, std::move(item), hooks_);
      result_.decided = options_.stop_above && std::ssize(kl_) >= kMinTextsToStop &&
                        ratio_of(kl_).ci95.low > *options_.stop_above;
    }
  }

  const Reference& reference_;
  std::string model_name_;
  Context& ctx_;
  const DivergenceOptions& options_;
  const EvalHooks& hooks_;
  Scorer scorer_;
  std::vector<RowComparison> comparisons_;  ///< one for each thread
  std::vector<Cluster> kl_;                 ///< of the items
  EvalResult result_;
};

}  // namespace

EvalResult compare_with_reference(const Reference& reference, const Model& model, Context& ctx,
                                  const DivergenceOptions& options, const EvalHooks& hooks) {
  reference.check_vocabulary(model);
  return Comparer(reference, model, ctx, options, hooks).run();
}

std::vector<ReferenceText> reference_texts(const Model& model, const EvalOptions& options,
                                           const std::vector<TextRow>& rows) {
  const Windows windows = windows_of(model, options);
  std::vector<ReferenceText> texts;
  std::int64_t left = options.positions;
  for (const TextRow& row : rows) {
    if (left == 0) break;
    std::vector<TokenId> ids = tokens_of_text(model, row.text);
    if (left > 0) {
      ids.resize(std::min(ids.size(), static_cast<std::size_t>(left) + 1));
      left -= std::ssize(ids) - 1;
    }
    auto passages = cut_windows(ids, windows);
    if (!passages.empty()) texts.push_back({.info = row.info, .passages = std::move(passages)});
  }
  if (texts.empty()) fail<InputError>("[eval] {} has no text to score.", options.data.string());
  if (texts.size() > 1) return texts;
  // A single text has no other draws to compare with: its windows stand for them.
  std::vector<ReferenceText> parts;
  for (ScoredText& passage : texts[0].passages) {
    parts.push_back({.info = texts[0].info, .passages = {std::move(passage)}});
  }
  return parts;
}

Reference record_reference(const Model& model, Context& ctx, const EvalOptions& options,
                           const EvalData& data, const ReferenceHooks& hooks) {
  const auto& rows = std::get<std::vector<TextRow>>(data.rows);
  return {model,
          ctx,
          reference_texts(model, options, rows),
          {.cache_positions = kCachePositions, .kv = exact_kv_format(ctx.dtype())},
          hooks};
}

EvalResult evaluate_divergence(const Reference& reference, const Model& model, Context& ctx,
                               const EvalOptions& options, const EvalHooks& hooks) {
  EvalResult result = compare_with_reference(reference, model, ctx,
                                             {.batch = options.batch, .kv = options.kv}, hooks);
  const Windows windows = windows_of(model, options);
  result.settings["window"] = windows.size;
  result.settings["stride"] = windows.stride;
  return result;
}

}  // namespace pangu::eval
