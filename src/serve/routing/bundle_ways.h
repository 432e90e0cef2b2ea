// SPDX-License-Identifier: Apache-2.0
// The ways in which a bundle answers, as models of the server: NAME:WEIGHTS, or NAME:WEIGHTS+KV
// with another cache than that of the arithmetic. NAME itself is the bundle's default weights.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/route/router.h"
#include "serve/models/model_source.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// Behind the name of a bundle: whatever suits the message.
inline constexpr std::string_view kAutoSuffix = ":auto";

/// What a bundle is served as.
struct ServedBundle {
  adaptive::Bundle bundle;
  std::map<adaptive::LoadedWay, std::string> models;  ///< names of models that answer in each way
};

/// A way that is a model of its own.
struct WayModel {
  ModelSource source;
  ServedModelOptions options;
};

/// `bundle` under `name`; appends to `models` those that there must be beside `name` itself, whose
/// options are `each`: formats of weights and cache are the bundle's to choose.
ServedBundle served_bundle(const std::string& name, adaptive::Bundle bundle,
                           const ServedModelOptions& each, std::vector<WayModel>& models);

}  // namespace pangu::serve
