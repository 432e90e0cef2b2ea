// SPDX-License-Identifier: Apache-2.0
// Speculative decoding: several tokens are guessed, one pass over the model checks them all, and
// the right ones are kept. Replies are those of plain decoding, token for token, sampled ones too.
// docs/speculation.md explains the drafters and when they help.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

enum class SpeculationMode {
  kOff,
  kLookup,  ///< "pld": what followed the last few tokens before, in prompt and reply
  kSuffix,  ///< what followed the longest repeated end, here or in earlier replies
  kDraft,   ///< a smaller model with the same tokenizer
  kSelf,    ///< the model's own first layers
  kAuto  ///< whatever is fastest at the moment, measured all the time; plain decoding if nothing is
};

/// "off", "pld", "suffix", "draft", "self", "auto".
std::string_view name(SpeculationMode mode);
/// Throws ConfigError for another name.
SpeculationMode require_speculation_mode(std::string_view name);

struct SpeculationOptions {
  SpeculationMode mode = SpeculationMode::kAuto;
  int tokens = 4;  ///< of every draft, 1 to 32; kAuto chooses for itself
  int ngram = 3;   ///< tokens that kLookup looks for at most, 1 to 16
  /// Hugging Face folder or GGUF file of the draft model: needed by kDraft, tried by kAuto.
  std::filesystem::path draft_model;
  std::int64_t self_layers = 0;  ///< of kSelf; 0 is a quarter of the model's

  /// Whether a draft model is named and the mode makes use of one.
  bool uses_draft_model() const;
  /// Throws ConfigError naming the option, its value and the values allowed.
  void validate() const;
};

/// What came of speculation in one reply.
struct SpeculationStats {
  std::int64_t passes = 0;    ///< over the model, after the prompt
  std::int64_t plain = 0;     ///< of these, passes without a draft
  std::int64_t tokens = 0;    ///< of the reply that these passes gave
  std::int64_t drafted = 0;   ///< tokens that were checked
  std::int64_t accepted = 0;  ///< of them, those that were right
  std::int64_t forced = 0;    ///< of these, tokens that a grammar left no choice of: no guesses
  std::vector<std::int64_t>
      drafted_at;  ///< passes that checked a token at least 1, 2, ... places on
  std::vector<std::int64_t> accepted_at;  ///< passes where that place and all before it were right
  double draft_s = 0;                     ///< spent on drafting
  double total_s = 0;                     ///< spent on drafting and checking
  double plain_s = 0;  ///< what plain decoding would have taken, from passes over one row

  double tokens_per_pass() const;
  /// Of drafted tokens; 0 if there are none.
  double acceptance() const;
  /// Time of plain decoding over the time taken; 1 while nothing is known.
  double speed_up() const;
  /// Whether there were enough passes of both kinds, and time enough, for that to be more than
  /// noise.
  bool speed_up_is_known() const;
  void add(const SpeculationStats& other);
};

}  // namespace pangu
