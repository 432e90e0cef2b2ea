// SPDX-License-Identifier: Apache-2.0
// What a command computed with, for people and for programs.
#pragma once

#include <string>

#include "apps/shared/common_options.h"
#include "io/json.h"

namespace pangu::app {

/// "2 threads, avx512bf16, bf16"
std::string machine_text(const CommonOptions& options);

/// threads, isa, dtype and peak_rss_bytes.
void add_machine_keys(Json& json, const CommonOptions& options);

}  // namespace pangu::app
