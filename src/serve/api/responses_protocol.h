// SPDX-License-Identifier: Apache-2.0
// Answers of OpenAI's Responses API.
#pragma once

#include <cstdint>
#include <memory>

#include "serve/api/reply_run.h"

namespace pangu::serve {

/// `head` is what response_head() makes of the request, reasoning.summary included.
std::unique_ptr<Protocol> responses_protocol(Json head, std::uint64_t seed);

}  // namespace pangu::serve
