// SPDX-License-Identifier: Apache-2.0
// GET /api/tags, /api/ps and /api/version, POST /api/show: which models there are, in Ollama's form
// (https://docs.ollama.com/api/tags).
#pragma once

#include <string_view>

#include "io/json.h"
#include "serve/model_set.h"

namespace pangu::serve {

/// The version of Ollama whose paths and keys these are: clients look for new ones by it.
inline constexpr std::string_view kOllamaVersion = "0.12.0";

/// All models, with the bytes of their weights in memory, or of their files while they are not
/// loaded.
Json ollama_tags_json(const ModelSet& models);

/// Those that are loaded, with what they hold at present.
Json ollama_ps_json(const ModelSet& models);

/// One model: shape, template, sampling as its authors advise, and what it can do.
Json ollama_show_json(const ServedModel& model);

}  // namespace pangu::serve
