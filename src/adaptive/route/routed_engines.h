// SPDX-License-Identifier: Apache-2.0
// A bundle that answers: each message by the weights, cache and way of thinking that suit it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <optional>
#include <span>
#include <string>

#include "adaptive/route/classifier.h"
#include "adaptive/route/decision_log.h"
#include "pangu/engine.h"

namespace pangu::adaptive {

/// Of the machine's memory, for weights, where nobody says how much.
inline constexpr double kMemoryShare = 0.8;

struct RoutedOptions {
  /// Formats of weights and cache are the bundle's to choose. Bundle::draft_folder() may be the
  /// draft model of its speculation.
  EngineOptions engine;
  ContextOptions classifier;        ///< the machine as the classifier uses it
  std::filesystem::path decisions;  ///< file that records them (append_route()); empty: none
};

/// One conversation at a time. Engines are loaded when they are first needed and kept, so that a
/// change back costs no more than reading what is new; the one that was not used for longest gives
/// way where they would take more than the bundle's max_memory or 80 % of the machine's memory.
class RoutedEngines {
 public:
  /// Loads the classifier alone. Throws ConfigError for a bundle that has none, and what Classifier
  /// throws.
  RoutedEngines(Bundle bundle, RoutedOptions options);

  /// Recognises the last of the messages, decides, loads what that takes, and records it. Throws
  /// InputError if no user said anything, and what Engine::load() and append_route() throw.
  const RouteRecord& prepare(std::span<const Message> messages);

  /// The engine of the last decision, until the next one.
  Engine& engine() const { return *current_; }
  /// What an answer left in that engine's cache; prices the next change.
  void answered(const Generation& generation);
  /// The next message begins a conversation.
  void begin_conversation() { running_.reset(); }

  const Bundle& bundle() const { return bundle_; }
  double load_seconds() const { return load_seconds_; }  ///< of all that was loaded so far

 private:
  struct Loaded {
    std::string weights, kv;
    Engine engine;
  };

  void load(const BundleWay& way);
  void make_room(std::int64_t bytes);

  Bundle bundle_;
  RoutedOptions options_;
  Classifier classifier_;
  std::list<Loaded> loaded_;  ///< the one that was used last in front
  Engine* current_ = nullptr;
  std::optional<Running> running_;
  RouteRecord record_;
  double load_seconds_ = 0;
};

}  // namespace pangu::adaptive
