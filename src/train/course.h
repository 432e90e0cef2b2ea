// SPDX-License-Identifier: Apache-2.0
// Whether two configs lead to the same course of training.
#pragma once

#include <string>

#include "io/json.h"

namespace pangu {

/// Throws ConfigError naming the first key that differs, with both values. `checkpoint` names
/// where `saved` comes from.
void require_same_course(const Json& saved, const Json& now, const std::string& checkpoint);

}  // namespace pangu
