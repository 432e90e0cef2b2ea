// SPDX-License-Identifier: Apache-2.0
// Whether a run that is resumed has the settings of the one that stopped.
#pragma once

#include <optional>
#include <string>

#include "io/json.h"

namespace pangu {

/// A key that differs, as configs spell it ("optimizer.kind"), and its values as JSON text;
/// "absent" where there is none. A list is one value.
struct SettingChange {
  std::string key, before, now;
};

/// The first key that differs, of keys that both have if there is one; nothing if all are equal.
std::optional<SettingChange> setting_change(const Json& saved, const Json& now);

/// Throws ConfigError naming the key that differs, with both values. `checkpoint` names where
/// `saved` comes from.
void require_same_settings(const Json& saved, const Json& now, const std::string& checkpoint);

}  // namespace pangu
