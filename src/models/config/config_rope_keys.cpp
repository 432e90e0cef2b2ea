// SPDX-License-Identifier: Apache-2.0
#include "models/config/config_rope_keys.h"

#include <algorithm>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {
namespace {

constexpr std::string_view kCommonRopeKeys[] = {"rope_type", "type", "factor", kRopeThetaKey,
                                                kRopePartialKey};

}  // namespace

std::string RopeKeys::Place::text() const {
  return fmt::format("{} is {}", object->full_key(key), describe(*object->find(key)));
}

RopeKeys::RopeKeys(const JsonObject& config) : config_(config) {
  for (const char* name : {"rope_parameters", "rope_scaling"}) {
    if (config.contains(name)) objects_.push_back(config.get_object(name));
  }
}

std::optional<RopeKeys::Place> RopeKeys::find(std::string_view key) const {
  std::vector<Place> found;
  const auto look = [&](const JsonObject& object, std::string_view name) {
    if (object.contains(name)) found.push_back({&object, name});
  };
  for (const JsonObject& object : objects_) {
    look(object, key);
    if (key == "rope_type") look(object, "type");
  }
  if (key == kRopeThetaKey || key == kRopePartialKey || key == kRopeOriginalKey) {
    look(config_, key);
  }
  for (const Place& other : found) {
    const Place& first = found.front();
    if (*other.object->find(other.key) == *first.object->find(first.key)) continue;
    fail<ConfigError>(
        "[config] {}: {}, but {}; both say the same thing, so one value was expected. Remove the "
        "key that does not apply.",
        config_.file(), first.text(), other.text());
  }
  return found.empty() ? std::nullopt : std::optional(found.front());
}

const JsonObject& RopeKeys::at(std::string_view key) const {
  if (const auto place = find(key)) return *place->object;
  return objects_.empty() ? config_ : objects_.front();
}

std::optional<double> RopeKeys::number(std::string_view key, double min, double max) const {
  if (!has(key)) return std::nullopt;
  return at(key).get_number(key, min, max);
}

bool RopeKeys::is_null(std::string_view key) const {
  return !has(key) && std::ranges::any_of(objects_, [&](const JsonObject& object) {
    return object.json().contains(key);
  });
}

void RopeKeys::require_all_known(std::string_view type,
                                 std::span<const std::string_view> of_type) const {
  for (const JsonObject& object : objects_) {
    for (const auto& [key, value] : object.json().items()) {
      const bool known = std::ranges::find(kCommonRopeKeys, key) != std::end(kCommonRopeKeys) ||
                         std::ranges::find(of_type, key) != of_type.end();
      if (known || value.is_null()) continue;
      fail<Unsupported>(
          "[config] {}: the key {} is not known for RoPE of the type '{}'; known: {}{}{}. Remove "
          "it if it has no effect, or use a newer program.",
          object.file(), clipped(object.full_key(key), 200), type, fmt::join(kCommonRopeKeys, ", "),
          of_type.empty() ? "" : ", ", fmt::join(of_type, ", "));
    }
  }
}

}  // namespace pangu
