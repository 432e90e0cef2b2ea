// SPDX-License-Identifier: Apache-2.0
// Options that mean nothing beside others: refused, or remarked on where that does no harm.
#pragma once

#include <CLI/App.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

namespace pangu::app {

/// Those of `options` that the command line gives, "--a, --b"; empty if there are none.
std::string given_options(const CLI::App& command, std::initializer_list<const char*> options);

/// Throws UsageError "OPTIONS WHY" if the command line gives one of `options`.
void refuse_given(const CLI::App& command, std::initializer_list<const char*> options,
                  std::string_view why);

/// Warns of "OPTIONS WHY" in that case.
void remark_given(const CLI::App& command, std::initializer_list<const char*> options,
                  std::string_view why);

/// Accepts every text but an empty one. For check().
CLI::Validator not_empty();

/// Refuses the name of a GGUF file for what becomes a folder.
CLI::Validator folder_name();

}  // namespace pangu::app
