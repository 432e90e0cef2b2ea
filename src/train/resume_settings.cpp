// SPDX-License-Identifier: Apache-2.0
#include "train/resume_settings.h"

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {
namespace {

std::string shown(const Json* value) {
  return value ? clipped(json_text(*value), 100) : "absent";
}

const Json* value_in(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<SettingChange> change_of(const std::string& path, const Json& saved,
                                       const Json& now) {
  if (saved == now) return std::nullopt;
  if (!saved.is_object() || !now.is_object())
    return SettingChange{path, shown(&saved), shown(&now)};
  const std::string prefix = path.empty() ? "" : path + ".";
  std::optional<SettingChange> change;
  for (const auto& [key, value] : saved.items()) {
    const Json* other = value_in(now, key);
    if (other) change = change_of(prefix + key, value, *other);
    if (change) return change;
  }
  for (const Json* all : {&saved, &now}) {
    for (const auto& [key, value] : all->items()) {
      const Json *a = value_in(saved, key), *b = value_in(now, key);
      if (!a || !b) return SettingChange{prefix + key, shown(a), shown(b)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<SettingChange> setting_change(const Json& saved, const Json& now) {
  return change_of("", saved, now);
}

void require_same_settings(const Json& saved, const Json& now, const std::string& checkpoint) {
  const auto change = setting_change(saved, now);
  if (!change) return;
  fail<ConfigError>(
      "[resume] {} was made with {} = {}, but the config says {}. A resumed run takes the same "
      "course; restore the value, or begin a new run with model.from = \"{}\".",
      checkpoint, change->key, change->before, change->now, checkpoint);
}

}  // namespace pangu
