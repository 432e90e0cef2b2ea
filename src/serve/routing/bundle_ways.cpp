// SPDX-License-Identifier: Apache-2.0
#include "serve/routing/bundle_ways.h"

#include <utility>

namespace pangu::serve {
namespace {

/// Whether the model that the bundle's name stands for answers in this way.
bool is_default(const adaptive::Bundle& bundle, const adaptive::LoadedWay& way,
                const EngineOptions& engine) {
  return way.weights == bundle.default_weights && way.kv == engine.kv_format &&
         engine.format.empty() && engine.head_format.empty() && engine.embedding_format.empty();
}

}  // namespace

ServedBundle served_bundle(const std::string& name, adaptive::Bundle bundle,
                           const ServedModelOptions& each, std::vector<WayModel>& models) {
  ServedBundle out{.bundle = std::move(bundle), .models = {}};
  std::set<adaptive::LoadedWay> ways;
  for (const adaptive::BundleKind& kind : out.bundle.kinds) {
    for (const adaptive::BundleWay& way : kind.ways) ways.insert({way.weights, way.kv});
  }
  if (ways.empty()) ways.insert({out.bundle.default_weights, ""});
  for (const adaptive::LoadedWay& way : ways) {
    if (is_default(out.bundle, way, each.engine)) {
      out.models[way] = name;
      continue;
    }
    const std::string model = name + ":" + way.weights + (way.kv.empty() ? "" : "+" + way.kv);
    ServedModelOptions options = each;
    options.engine.kv_format = way.kv;
    options.engine.format = options.engine.head_format = options.engine.embedding_format = "";
    models.push_back({{model, out.bundle.weights_folder(way.weights)}, std::move(options)});
    out.models[way] = model;
  }
  return out;
}

}  // namespace pangu::serve
