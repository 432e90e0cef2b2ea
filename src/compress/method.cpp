// SPDX-License-Identifier: Apache-2.0
#include "compress/method.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"

namespace pangu::compress {
namespace {

constexpr std::array<const Method*, 8> kMethods = {&kTaylorMethod,    &kTaylorNormalizedMethod,
                                                   &kMagnitudeMethod, &kActivationMethod,
                                                   &kCameraMethod,    &kSlimMethod,
                                                   &kDepthMethod,     &kRandomMethod};

std::string names_for(Unit unit) {
  std::string text;
  for (const Method* m : kMethods) {
    if (m->score(unit)) text += fmt::format("{}{}", text.empty() ? "" : ", ", m->name);
  }
  return text;
}

}  // namespace

ScoreFn Method::score(Unit unit) const {
  switch (unit) {
    case Unit::kNeurons:
      return neurons;
    case Unit::kHeads:
      return heads;
    case Unit::kLayers:
      return layers;
    case Unit::kChannels:
      return channels;
    case Unit::kWeights:
      break;
  }
  return nullptr;
}

std::span<const Method* const> methods() {
  return kMethods;
}

const Method& find_method(std::string_view name, Unit unit) {
  const auto found = std::ranges::find(kMethods, name, [](const Method* m) { return m->name; });
  if (found == kMethods.end()) {
    fail<ConfigError>("[prune] there is no method '{}' for {}. Known: {}.", clipped(name),
                      compress::name(unit), names_for(unit));
  }
  if (!(*found)->score(unit)) {
    fail<ConfigError>("[prune] method {} does not score {}. Those that do: {}.", name,
                      compress::name(unit), names_for(unit));
  }
  return **found;
}

}  // namespace pangu::compress
