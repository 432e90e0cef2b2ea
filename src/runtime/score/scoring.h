// SPDX-License-Identifier: Apache-2.0
// How likely texts are under a model: the sum of the log-probabilities of their tokens, for many
// texts in one pass. What texts have in common is computed once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/cache/context_length.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/cache/prefix_cache.h"
#include "runtime/model.h"

namespace pangu {

/// A text as tokens, of which those from `from` on are scored, each in the light of all before it.
struct ScoredText {
  std::vector<TokenId> ids;
  int64_t from = 1;  ///< 1 ... ids.size(): the first token has nothing before it
};

struct TextScore {
  double logprob = 0;         ///< natural logarithm, summed in the order of the tokens
  int64_t tokens = 0;         ///< that were scored
  int64_t greedy_tokens = 0;  ///< of those, that are the likeliest (of equals: the lowest id)

  bool is_greedy() const { return greedy_tokens == tokens; }
};

struct ScorerOptions {
  int64_t context = kDefaultContext;  ///< tokens that a text may have before its last one
  /// Positions of the cache, which bound how much is computed at once; raised to what one text
  /// needs.
  int64_t cache_positions = 16 * 1024;
  KvFormat kv = KvFormat::kBF16;
};

/// What was computed, and how long it took.
struct ScoreStats {
  int64_t tokens = 0;         ///< run through the model
  int64_t shared_tokens = 0;  ///< taken from the cache in place of that
  double seconds = 0;
};

/// The logits that one pass over the model gave, and the tokens that they were asked for.
struct PassLogits {
  struct Asked {
    std::size_t group, text;  ///< counted in what was given
    int64_t index;            ///< of the token in its text: the logits are those before it
    int64_t row;              ///< of the logits; texts with a common beginning share some
  };
  std::span<const float> all;  ///< [rows, vocab_size], one after the other
  int64_t vocab_size;          ///< rows of the output head, padding included
  std::vector<Asked> asked;    ///< those of one text in the order of its tokens

  int64_t rows() const { return static_cast<int64_t>(all.size()) / vocab_size; }
  std::span<const float> row(int64_t r) const {
    return all.subspan(static_cast<std::size_t>(r * vocab_size),
                       static_cast<std::size_t>(vocab_size));
  }
};

/// Scores do not depend, bit for bit, on what is scored with them.
class Scorer {
 public:
  /// Texts with a common beginning, such as a question with each of its answers.
  using Group = std::vector<ScoredText>;
  /// Takes the logits of a pass, which are valid during the call only.
  using LogitsFn = std::function<void(const PassLogits&)>;

  /// Model and context must outlive it. Throws OutOfMemory if the cache does not fit the machine,
  /// ConfigError for a context that the model cannot have.
  Scorer(const Model& model, Context& ctx, const ScorerOptions& options);

  /// One score for each text. `on_pass` is called after every pass over the model; what it throws
  /// is passed on. Throws InputError for a text that is empty or longer than the context, for a
  /// `from` out of range and ids outside the vocabulary; OutOfMemory for a group that does not fit.
  std::vector<std::vector<TextScore>> score(std::span<const Group> groups,
                                            const std::function<void()>& on_pass = {});

  /// Hands over the logits behind every token that score() would score, each once, in place of
  /// scores. They are the same bits whatever is asked for with them. Throws as score() does, and
  /// what `take` throws.
  void visit(std::span<const Group> groups, const LogitsFn& take,
             const std::function<void()>& on_pass = {});

  const ScoreStats& stats() const { return stats_; }

 private:
  struct Feed;
  struct Job;
  struct Pass;

  void check(const Group& group) const;
  Job make_job(const Group& group, std::size_t number) const;
  /// How many of the jobs fit the cache together.
  std::size_t wave_size(std::span<const Job> jobs) const;
  void run_wave(std::span<Job> jobs);
  void grow_trunk(std::span<const Job> jobs);
  Feed shared_feed(const Job& job);
  Feed rest_feed(const Job& job, std::size_t text);
  void run(std::span<Feed> feeds);
  Pass plan(std::span<Feed> feeds);
  void release_all();

  const Model& model_;
  Context& ctx_;
  ScorerOptions options_;
  KvCache cache_;
  PrefixCache prefixes_;                 ///< keeps the trunk from wave to wave
  PrefixCache::Entry* trunk_ = nullptr;  ///< what all groups of the wave at work begin with
  std::vector<SequenceId> sequences_;    ///< of the wave at work
  const LogitsFn* take_ = nullptr;       ///< of the visit at work
  const std::function<void()>* on_pass_ = nullptr;
  ScoreStats stats_;
};

}  // namespace pangu
