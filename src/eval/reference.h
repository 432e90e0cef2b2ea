// SPDX-License-Identifier: Apache-2.0
// What a model says about every next token of some texts, kept so that any number of other models
// can be compared with it while it is not in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "eval/row_store.h"
#include "eval/rows.h"
#include "quant/kv_format.h"
#include "runtime/model.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {

/// A text as the passages in which it is looked at: windows of a long one, or a prompt with a reply
/// of which the reply's tokens count (`from` is where it begins). Texts are the independent draws
/// of intervals; what one text holds may depend on each other.
struct ReferenceText {
  RowInfo info;
  std::vector<ScoredText> passages;

  /// Positions that count.
  std::int64_t positions() const;
};

struct ReferenceOptions {
  /// Positions of the cache, which bound how much is computed at once.
  std::int64_t cache_positions = 8192;
  KvFormat kv = KvFormat::kBF16;
  RowStoreLimits limits;
};

struct ReferenceHooks {
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};  ///< in positions
  std::stop_token cancel = {};
};

/// Throws ConfigError, saying what differs, for a model whose tokens are not those of a reference:
/// its divergence would be that of other words. Where either has no tokenizer their number is all
/// that is looked at.
void check_same_tokens(const Vocabulary& model, const Vocabulary& reference);

/// The texts, and for each position that counts all logits as the model gave them, bit for bit:
/// four bytes for each token of the vocabulary, without the padding of the output head.
class Reference {
 public:
  /// Runs the model over the texts. Throws InputError for a text of no positions, and for texts as
  /// Scorer does; OutOfMemory where the limits hold fewer positions, before the work; NumericError
  /// for logits that are not finite; Cancelled when asked to stop.
  Reference(const Model& model, Context& ctx, std::vector<ReferenceText> texts,
            const ReferenceOptions& options, const ReferenceHooks& hooks = {});

  /// The path of the model.
  std::string model() const { return tokens_.model.string(); }
  const std::vector<ReferenceText>& texts() const { return texts_; }
  /// Tokens that a passage has before its last one, at most.
  std::int64_t context() const { return context_; }
  std::int64_t positions() const { return store_->rows(); }
  std::int64_t vocabulary() const { return tokens_.size; }
  std::int64_t bytes() const { return store_->bytes(); }
  bool in_file() const { return store_->in_file(); }
  const ScoreStats& stats() const { return stats_; }

  /// The number of the first position of a text.
  std::int64_t first_position(std::size_t text) const { return first_[text]; }
  /// Logits at a position: those of passage after passage, text after text.
  std::span<const float> logits(std::int64_t position) const { return store_->row(position); }
  /// Gives back the memory of positions that were read.
  void drop(std::int64_t first, std::int64_t n) const { store_->drop(first, n); }

  /// Throws as check_same_tokens() does.
  void check_vocabulary(const Model& model) const;

 private:
  void record(const Model& model, Context& ctx, const ReferenceOptions& options,
              const ReferenceHooks& hooks);

  Vocabulary tokens_;
  std::vector<ReferenceText> texts_;
  std::vector<std::int64_t> first_;
  std::int64_t context_ = 1;
  std::unique_ptr<RowStore> store_;
  ScoreStats stats_;
};

/// Walks the passages of some texts, in order, each a group of its own, and the position that each
/// begins with, counted from 0.
struct PassageList {
  explicit PassageList(std::span<const ReferenceText> texts);

  std::vector<Scorer::Group> groups;
  std::vector<std::int64_t> first;
  std::int64_t positions = 0;  ///< of all

  /// The token that follows what a pass was asked for.
  TokenId next(const PassLogits::Asked& asked) const {
    return groups[asked.group][asked.text].ids[static_cast<std::size_t>(asked.index)];
  }
  /// The position of what a pass was asked for.
  std::int64_t position(const PassLogits::Asked& asked) const {
    return first[asked.group] + asked.index - groups[asked.group][asked.text].from;
  }
};

}  // namespace pangu::eval
