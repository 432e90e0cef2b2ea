// SPDX-License-Identifier: Apache-2.0
// The small model that recognises what requests are, loaded with its probe.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "adaptive/bundle/bundle.h"
#include "adaptive/intent/recognise.h"
#include "ops/context.h"
#include "runtime/model.h"

namespace pangu::adaptive {

class Classifier {
 public:
  /// Throws what loading a model throws, FileError where no probe lies beside it, ConfigError for a
  /// probe of another model.
  Classifier(const std::filesystem::path& model, const ContextOptions& options);
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;

  /// The last user message in the light of those before it.
  Recognition recognise(std::span<const Message> messages) {
    return recogniser_.recognise(messages);
  }
  /// The kinds that it tells apart.
  const std::vector<std::string>& kinds() const { return recogniser_.head().classes; }

 private:
  Context ctx_;
  Model model_;
  Recogniser recogniser_;
};

/// What recognises requests to a model where nobody says: the model itself if a probe lies beside
/// it, else the bundled pangu-nano; empty where that is not installed.
std::filesystem::path usual_classifier(const std::filesystem::path& model);

/// What recognises requests to a bundle. Throws ConfigError for a bundle that has nothing,
/// FileError where that is gone.
std::filesystem::path classifier_of(const Bundle& bundle);

}  // namespace pangu::adaptive
