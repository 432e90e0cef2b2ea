// SPDX-License-Identifier: Apache-2.0
// Amounts with a unit, as people write them on a command line: "5m", "2GiB".
#pragma once

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <cstdint>
#include <string>

namespace pangu::app {

/// Makes "90", "90s", "5m" or "1.5h" a number of seconds. For transform().
CLI::Validator duration();

/// Makes "2000000", "500MB" or "1.5GiB" a number of bytes. For transform().
CLI::Validator byte_count();

}  // namespace pangu::app
