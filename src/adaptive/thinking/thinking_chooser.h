// SPDX-License-Identifier: Apache-2.0
// Decides for a prompt whether the model should think before it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adaptive/intent/features/features.h"
#include "adaptive/intent/probe/probe.h"
#include "adaptive/thinking/thinking_head.h"
#include "io/json.h"
#include "pangu/chat.h"

namespace pangu::adaptive {

struct ThinkingDecision {
  Thinking thinking = Thinking::kFast;  ///< or kSlow
  /// What it rests on; nothing where the head decides the same for every prompt.
  std::optional<ThinkingOdds> odds;
  double threshold = 0;

  bool is_slow() const { return thinking == Thinking::kSlow; }
};

/// "slow: right where fast is not in 12.5 % of such prompts, the other way round in 3.1 %".
std::string thinking_text(const ThinkingDecision& decision);
/// {"mode", "gain", "loss", "score", "threshold"}; null where the head always decides the same.
Json thinking_json(const ThinkingDecision& decision);

class ThinkingChooser {
 public:
  /// Model and context must outlive it; `file` names the probe in messages. Throws Unsupported for
  /// a model whose template has no modes, ConfigError for a probe of another model or without the
  /// head, saying how to make one.
  ThinkingChooser(const Model& model, Context& ctx, const Probe& probe, const std::string& file);

  /// One pass over at most 321 tokens through the head's layers alone; none where the head always
  /// decides the same. Throws InputError if no user said anything.
  ThinkingDecision decide(std::span<const Message> messages);
  /// The same decisions, bit for bit, in few passes.
  std::vector<ThinkingDecision> decide(std::span<const std::vector<Message>> conversations);

  const Head& head() const { return head_; }

 private:
  bool is_fixed() const { return always_thinks(head_) || never_thinks(head_); }

  Head head_;
  FeatureReader reader_;
};

/// The file of the probe: `given`, or where that is empty "intent.safetensors" beside the model.
/// Throws FileError, saying how to make one, if that is not there.
std::filesystem::path thinking_probe_file(const std::string& given, const Model& model);

/// Refuses a model whose chat template has no modes of thinking. Throws Unsupported.
void require_thinking_modes(const Model& model);

}  // namespace pangu::adaptive
