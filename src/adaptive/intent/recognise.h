// SPDX-License-Identifier: Apache-2.0
// Which kind of task a request is.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adaptive/intent/probe/probe.h"
#include "pangu/chat.h"

namespace pangu::adaptive {

/// The head of a probe that tells kinds of tasks apart.
inline constexpr std::string_view kKindHead = "kind";

struct Recognition {
  std::string kind;       ///< the likeliest, or kUnknownKind where that is not sure enough
  std::string likeliest;  ///< whether it is sure or not
  double confidence = 0;  ///< probability of `likeliest`
  std::vector<std::pair<std::string, double>> probabilities;  ///< of all, in the head's order

  bool is_unknown() const;
};

/// What a head says of features, wherever they come from: a FeatureReader, or sums that were
/// collected while a model read the prompt for its own sake.
Recognition recognise(const Head& head, const Features& features);

/// Recognises with a model and a probe of it: one pass over at most 321 tokens, through the probe's
/// layers alone.
class Recogniser {
 public:
  /// Model and context must outlive it. Throws ConfigError for a probe of another model or without
  /// the head; `file` names the probe in messages.
  Recogniser(const Model& model, Context& ctx, Probe probe, const std::string& file);

  Recognition recognise(const Request& request);
  Recognition recognise(std::string_view text) { return recognise(request_of(text)); }
  /// The last user message in the light of those before it.
  Recognition recognise(std::span<const Message> messages) {
    return recognise(request_of(messages));
  }

  const Head& head() const { return probe_.head(kKindHead); }
  const Probe& probe() const { return probe_; }
  FeatureReader& reader() { return reader_; }

 private:
  Probe probe_;
  FeatureReader reader_;
};

/// The name of the probe that lies beside a model's weights.
inline constexpr const char* kProbeFile = "intent.safetensors";

/// Where that is, of a model.
std::filesystem::path probe_place(const Model& model);

/// That file. Throws FileError if there is none, saying how to make one.
std::filesystem::path probe_beside(const Model& model);

}  // namespace pangu::adaptive
