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
/// What each model does, and which requests wait for one to be loaded, the next one first.
Json props_json(const ModelSet& models);

}  // namespace pangu::serve
