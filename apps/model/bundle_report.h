// SPDX-License-Identifier: Apache-2.0
// What `pangu info` says of a bundle, before its default weights.
#pragma once

#include <string>

#include "adaptive/bundle/bundle.h"

namespace pangu::app {

/// Kinds of task with what serves them, newline at the end.
std::string bundle_text(const adaptive::Bundle& bundle);
/// {"model", "machine", "engine", "created", "default", "weights": {NAME: {"resident_bytes",
/// "load_s"}}, "kinds": [{"kind", "weights", "kv", "thinking", "speculation", "answer_s"}]}.
Json bundle_json(const adaptive::Bundle& bundle);

}  // namespace pangu::app
