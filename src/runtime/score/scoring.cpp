// SPDX-License-Identifier: Apache-2.0
// Groups are taken in waves that fit the cache. In a wave, what all groups share becomes the trunk,
// which the next wave finds again; each group forks the trunk and adds what its texts share; each
// text forks that and adds its own rest. Every step is a list of feeds, packed into passes.
#include "runtime/score/scoring.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/common_prefix.h"
#include "base/error.h"
#include "base/resources.h"
#include "ops/host.h"
#include "runtime/cache/context_length.h"
#include "runtime/prefill_chunk.h"
#include "runtime/score/logprobs.h"

namespace pangu {
namespace {

/// Of logits in one pass: rows of a large vocabulary take most of a megabyte each.
constexpr int64_t kLogitBytes = int64_t{64} << 20;

}  // namespace

/// Tokens to append to a sequence, and after which of them logits are wanted.
struct Scorer::Feed {
  using Question = PassLogits::Asked;  ///< its row is counted in `tokens`
  SequenceId sequence;
  std::span<const TokenId> tokens;
  std::vector<Question> questions;  ///< rows rising
  std::size_t asked = 0;            ///< questions that were answered
  int64_t done = 0;                 ///< tokens that were run
};

/// A group at work. What its texts share is run once.
struct Scorer::Job {
  const Group* group;
  std::size_t number;  ///< of the group
  int64_t shared;      ///< tokens that all texts begin with; less than any of them has
  int64_t first;       ///< row whose logits are asked for first
  SequenceId sequence = 0;

  /// Positions that the cache must have for it.
  int64_t positions() const {
    int64_t sum = whole_pages_around(shared);
    for (const ScoredText& text : *group) {
      // One page more for the copy of the last one that a fork shares.
      sum += whole_pages_around(static_cast<int64_t>(text.ids.size()) - shared) + kPagePositions;
    }
    return sum;
  }
};

struct Scorer::Pass {
  Batch batch;
  std::vector<PassLogits::Asked> asked;
};

Scorer::Scorer(const Model& model, Context& ctx, const ScorerOptions& options)
    : model_(model),
      ctx_(ctx),
      options_{
          .context = checked_positions(model, options.context),
          .cache_positions = whole_pages_around(std::max(
              options.cache_positions, whole_pages_around(options.context) + 2 * kPagePositions)),
          .kv = options.kv},
      cache_(model.network->kv_shape(options.kv), options_.cache_positions, ctx.shared_device()),
      prefixes_(cache_, KeepPrefixes::kYes) {}

void Scorer::check(const Group& group) const {
  const int64_t vocab = model_.config().vocab_size;
  for (const ScoredText& text : group) {
    const auto n = static_cast<int64_t>(text.ids.size());
    if (n - 1 > options_.context) {  // the last token is scored, but never run
      fail<InputError>(
          "[score] a text has {} tokens, but the context holds {}. Shorten it or ask for a larger "
          "context (--ctx; the model was trained for {}).",
          n, options_.context, model_.config().max_position_embeddings);
    }
    if (text.from < 1 || text.from >= n) {
      fail<InputError>(
          "[score] a text of {} tokens was to be scored from token {} on. A token from 1 to {} was "
          "expected: the first one has nothing before it.",
          n, text.from, n - 1);
    }
    for (const TokenId id : text.ids) {
      if (id >= 0 && id < vocab) continue;
      fail<InputError>("[score] a text has the token {}, but the model knows 0 to {}.", id,
                       vocab - 1);
    }
  }
}

Scorer::Job Scorer::make_job(const Group& group, std::size_t number) const {
  Job job{.group = &group,
          .number = number,
          .shared = std::numeric_limits<int64_t>::max(),
          .first = std::numeric_limits<int64_t>::max()};
  for (const ScoredText& text : group) {
    // The last token of a text is never run: nothing is asked of what follows it.
    job.shared = std::min({job.shared, common_prefix(text.ids, group.front().ids),
                           static_cast<int64_t>(text.ids.size()) - 1});
    job.first = std::min(job.first, text.from - 1);
  }
  return job;
}

std::size_t Scorer::wave_size(std::span<const Job> jobs) const {
  const int64_t room = options_.cache_positions;
  int64_t used = 0;
  std::size_t n = 0;
  while (n < jobs.size() && used + jobs[n].positions() <= room) used += jobs[n++].positions();
  if (n == 0) {
    fail<OutOfMemory>(
        "[score] a group of {} texts needs {} positions of the cache at once, and it has {}. Give "
        "it fewer or shorter texts.",
        jobs[0].group->size(), jobs[0].positions(), room);
  }
  return n;
}

/// Rows are looked at on all threads, sums are taken in the order of the tokens.
std::vector<std::vector<TextScore>> Scorer::score(std::span<const Group> groups,
                                                  const std::function<void()>& on_pass) {
  std::vector<std::vector<TextScore>> scores(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) scores[g].resize(groups[g].size());
  std::vector<double> log_sums;
  std::vector<TokenId> best;
  const auto take = [&](const PassLogits& pass) {
    log_sums.resize(static_cast<std::size_t>(pass.rows()));
    best.resize(log_sums.size());
    ctx_.threads().parallel_for(pass.rows(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        log_sums[static_cast<std::size_t>(r)] = log_sum_exp(pass.row(r));
        best[static_cast<std::size_t>(r)] = argmax(pass.row(r));
      }
    });
    for (const PassLogits::Asked& a : pass.asked) {
      const TokenId next = groups[a.group][a.text].ids[static_cast<std::size_t>(a.index)];
      const auto r = static_cast<std::size_t>(a.row);
      TextScore& score = scores[a.group][a.text];
      score.logprob += pass.row(a.row)[static_cast<std::size_t>(next)] - log_sums[r];
      score.greedy_tokens += best[r] == next ? 1 : 0;
      ++score.tokens;
    }
  };
  visit(groups, take, on_pass);
  return scores;
}

void Scorer::visit(std::span<const Group> groups, const LogitsFn& take,
                   const std::function<void()>& on_pass) {
  std::vector<Job> jobs;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    check(groups[g]);
    if (!groups[g].empty()) jobs.push_back(make_job(groups[g], g));
  }
  take_ = &take;
  on_pass_ = &on_pass;
  const Stopwatch watch;
  for (std::span<Job> rest(jobs); !rest.empty();) {
    const std::size_t n = wave_size(rest);
    try {
      run_wave(rest.first(n));
    } catch (...) {
      release_all();
      if (trunk_) prefixes_.drop(*std::exchange(trunk_, nullptr));
      throw;
    }
    rest = rest.subspan(n);
  }
  stats_.seconds += watch.seconds();
}

void Scorer::run_wave(std::span<Job> jobs) {
  grow_trunk(jobs);
  std::vector<Feed> feeds;
  for (Job& job : jobs) {
    job.sequence = cache_.fork(trunk_->sequence);
    sequences_.push_back(job.sequence);
    feeds.push_back(shared_feed(job));
  }
  run(feeds);
  feeds.clear();
  for (const Job& job : jobs) {
    for (std::size_t t = 0; t < job.group->size(); ++t) feeds.push_back(rest_feed(job, t));
  }
  run(feeds);
  release_all();
  prefixes_.close(*std::exchange(trunk_, nullptr));
}

/// Makes the trunk what all jobs have in common, in whole pages, so that forks copy nothing.
void Scorer::grow_trunk(std::span<const Job> jobs) {
  const std::span<const TokenId> ids = jobs.front().group->front().ids;
  int64_t common = jobs.front().shared;
  for (const Job& job : jobs) {
    common = std::min({common, job.shared, job.first, common_prefix(job.group->front().ids, ids)});
  }
  PrefixCache::Match match = prefixes_.find(ids.first(static_cast<std::size_t>(common)));
  const int64_t kept = match.tokens = whole_pages_within(match.tokens);
  // A lone group gains nothing from a longer trunk than there is.
  const int64_t wanted = jobs.size() > 1 ? whole_pages_within(common) : kept;
  trunk_ = &prefixes_.open(ids.first(static_cast<std::size_t>(wanted)), match);
  while (prefixes_.drop_oldest()) {  // the wave has room beside the trunk, and no more
  }
  Feed feed{.sequence = trunk_->sequence,
            .tokens = ids.subspan(static_cast<std::size_t>(kept),
                                  static_cast<std::size_t>(wanted - kept)),
            .questions = {}};
  run(std::span(&feed, 1));
  stats_.shared_tokens += wanted * static_cast<int64_t>(jobs.size()) - (wanted - kept);
}

Scorer::Feed Scorer::shared_feed(const Job& job) {
  const int64_t trunk = std::ssize(trunk_->tokens);
  const std::span<const TokenId> ids = job.group->front().ids;
  Feed feed{.sequence = job.sequence,
            .tokens = ids.subspan(static_cast<std::size_t>(trunk),
                                  static_cast<std::size_t>(job.shared - trunk)),
            .questions = {}};
  for (std::size_t t = 0; t < job.group->size(); ++t) {
    const ScoredText& text = (*job.group)[t];
    for (int64_t i = text.from; i <= job.shared; ++i) {
      feed.questions.push_back({.group = job.number, .text = t, .index = i, .row = i - 1 - trunk});
    }
  }
  std::stable_sort(feed.questions.begin(), feed.questions.end(),
                   [](const auto& a, const auto& b) { return a.row < b.row; });
  return feed;
}

Scorer::Feed Scorer::rest_feed(const Job& job, std::size_t t) {
  const ScoredText& text = (*job.group)[t];
  const auto n = static_cast<int64_t>(text.ids.size());
  sequences_.push_back(cache_.fork(job.sequence));
  Feed feed{.sequence = sequences_.back(),
            .tokens = std::span(text.ids).subspan(static_cast<std::size_t>(job.shared),
                                                  static_cast<std::size_t>(n - 1 - job.shared)),
            .questions = {}};
  for (int64_t i = std::max(text.from, job.shared + 1); i < n; ++i) {
    feed.questions.push_back(
        {.group = job.number, .text = t, .index = i, .row = i - 1 - job.shared});
  }
  if (t > 0) stats_.shared_tokens += job.shared;
  return feed;
}

/// Packs as much of the feeds as one pass takes: rows, and rows that give logits.
Scorer::Pass Scorer::plan(std::span<Feed> feeds) {
  const int64_t row_bytes = model_.config().vocab_size * static_cast<int64_t>(sizeof(float));
  int64_t logits_left = std::clamp<int64_t>(kLogitBytes / row_bytes, 8, kPrefillChunk);
  int64_t rows_left = kPrefillChunk;
  Pass pass;
  for (Feed& feed : feeds) {
    if (rows_left == 0 || logits_left == 0) break;
    const int64_t begin = feed.done, first_row = pass.batch.size();
    int64_t end = std::min(begin + rows_left, static_cast<int64_t>(feed.tokens.size()));
    std::vector<std::int32_t> logit_rows;
    for (; feed.asked < feed.questions.size(); ++feed.asked) {
      const Feed::Question& q = feed.questions[feed.asked];
      const auto row = static_cast<std::int32_t>(first_row + q.row - begin);
      if (q.row >= end) break;
      if (logit_rows.empty() || logit_rows.back() != row) {
        if (logits_left == 0) {
          end = q.row;
          break;
        }
        --logits_left;
        logit_rows.push_back(row);
      }
      const auto before = static_cast<int64_t>(pass.batch.logit_rows.size());
      pass.asked.push_back(q);
      pass.asked.back().row = before + static_cast<int64_t>(logit_rows.size()) - 1;
    }
    if (end == begin) continue;
    cache_.append(
        feed.sequence,
        feed.tokens.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
        Logits::kNone, pass.batch);
    pass.batch.logit_rows.insert(pass.batch.logit_rows.end(), logit_rows.begin(), logit_rows.end());
    feed.done = end;
    rows_left -= end - begin;
  }
  return pass;
}

void Scorer::run(std::span<Feed> feeds) {
  while (!feeds.empty()) {
    Pass pass = plan(feeds);
    if (pass.batch.size() > 0) {
      const Tensor logits = to_host(model_.network->forward(pass.batch, cache_.storage(), ctx_));
      const std::span all(logits.data<float>(), static_cast<std::size_t>(logits.count()));
      (*take_)(
          {.all = all, .vocab_size = model_.config().vocab_size, .asked = std::move(pass.asked)});
      stats_.tokens += pass.batch.size();
      if (*on_pass_) (*on_pass_)();
    }
    const auto open = std::find_if(feeds.begin(), feeds.end(), [](const Feed& f) {
      return f.done < static_cast<int64_t>(f.tokens.size());
    });
    feeds = feeds.subspan(static_cast<std::size_t>(open - feeds.begin()));
  }
}

void Scorer::release_all() {
  for (const SequenceId id : sequences_) cache_.release(id);
  sequences_.clear();
}

}  // namespace pangu
