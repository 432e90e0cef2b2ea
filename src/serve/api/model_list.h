// SPDX-License-Identifier: Apache-2.0
// GET /v1/models, /v1/models/NAME and /props: which models there are and what they do.
#pragma once

#include <string>

#include "io/json.h"
#include "serve/model_set.h"

namespace pangu::serve {

/// {"object": "list", "data": [...]}: all models, and NAME:auto of bundles.
Json models_json(const ModelSet& models);
/// One of them. Throws ApiError (404).
Json named_model_json(const ModelSet& models, const std::string& name);
/// What each model does, which requests wait for one to be loaded, the next one first, and
/// `profile` unless it is null. What clients of llama.cpp's server look for is told of the first
/// model that is loaded.
Json props_json(const ModelSet& models, const std::string& version, const Json& profile);

}  // namespace pangu::serve
