// SPDX-License-Identifier: Apache-2.0
// Which weights of a bundle answer a request, and how: a pure function of the bundle, what was
// recognised and what runs, so that a decision can be made again from its record.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "adaptive/bundle/bundle.h"
#include "adaptive/intent/recognise.h"

namespace pangu::adaptive {

/// What a conversation runs on now.
struct Running {
  std::string kind;  ///< that its last message was served as; empty: as one that nobody knows
  std::string weights, kv;
  std::int64_t tokens = 0;  ///< of the conversation that are in its cache
  bool operator==(const Running&) const = default;
};

/// What is in memory: weights with a cache.
struct LoadedWay {
  std::string weights, kv;
  auto operator<=>(const LoadedWay&) const = default;
};

struct Route {
  std::string kind;       ///< that it is served as; empty: as one that nobody knows
  BundleWay way;          ///< its answer_s is 0 where the kind is not known
  bool switches = false;  ///< whether other weights or another cache are needed than run
  double switch_s = 0;    ///< what a change takes, or would have taken: loading, and reading the
                          ///< conversation anew
  double gain_s = 0;      ///< what it saves, or would have saved, per answer
  std::string reason;     ///< part of a sentence
  bool operator==(const Route&) const = default;
};

/// The kind's own choice. A request whose kind is unknown, or that the bundle was not made for, is
/// served as the message before it; at the beginning of a conversation by the weights that keep the
/// quality for most kinds (of equal ones the largest), thinking as the model does by itself.
///
/// A conversation stays with what it runs on where that keeps the quality for the kind, unless a
/// change saves more in one answer than it takes; where it does not keep it, it changes whatever
/// that takes. `loaded`: what is in memory already. Throws ConfigError for what
/// runs on weights that the bundle does not have.
Route choose_route(const Bundle& bundle, const Recognition& recognised,
                   const std::optional<Running>& running, const std::set<LoadedWay>& loaded = {});

}  // namespace pangu::adaptive
