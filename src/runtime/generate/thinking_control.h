// SPDX-License-Identifier: Apache-2.0
// Ends the thinking of a reply that has thought enough, or that goes round in circles: the model's
// own closing marker takes the place of what would be chosen, as if the model had written it.
// Everything here is a function of the tokens so far, so a reply stays the same however it is
// computed, unless somebody asks for the end of its thinking.
// Source: Muennighoff et al. 2025, "s1: Simple test-time scaling" (arXiv:2501.19393), section 3.1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "pangu/generation.h"
#include "runtime/generate/loop_finder.h"
#include "text/chat/thinking_tracker.h"

namespace pangu {

class ThinkingControl {
 public:
  ThinkingControl(const std::shared_ptr<const Tokenizer>& tokenizer, const GenerateOptions& options,
                  std::span<const TokenId> prompt);

  /// The token that must come next; none while the reply goes its own way.
  std::optional<TokenId> forced() const;

  bool is_thinking() const { return tracker_.is_thinking(); }
  bool begins_answer(TokenId id) const { return tracker_.begins_answer(id); }

  /// The next token of the reply, forced or chosen.
  void push(TokenId id);

  /// Writes what is known so far: counts, and how the thinking ended.
  void report(Generation& result) const;

 private:
  void begin();
  void consider(TokenId id);
  void start_closing();
  /// Why thinking must end here; nothing while it may go on.
  std::optional<ThinkingEnd> limit() const;

  ThinkingTracker tracker_;
  std::int64_t budget_;
  std::vector<TokenId> closing_;       ///< tokens of the marker
  std::optional<std::size_t> at_;      ///< of them, the one to come; set while it is being closed
  std::optional<ThinkingEnd> reason_;  ///< why it is to be closed
  ThinkingEnd end_ = ThinkingEnd::kNone;  ///< how the last thinking ended
  std::vector<TokenId> last_;             ///< of the thinking: what may be part of the marker
  std::stop_token end_thinking_;
  bool finds_loops_;
  std::optional<LoopFinder> loops_;  ///< once the reply thinks
};

/// Refuses a budget that is out of range, and one for a model that has no markers of thinking or
/// cannot write the closing one. Throws ConfigError. `tokenizer` may be null.
void check_think_budget(const Tokenizer* tokenizer, std::int64_t budget);

}  // namespace pangu
