// SPDX-License-Identifier: Apache-2.0
// What `pangu quantize` did, for people and for programs.
#pragma once

#include <string>

#include "checkpoint/quantize.h"
#include "io/json.h"

namespace pangu::app {

/// bytes_in, bytes_out, parameters_in, parameters_out, relative_error, notes and tensors.
Json quantize_json(const QuantizeReport& report);

/// Totals, notes and the matrices with the largest errors; all of them if `every_tensor`.
std::string quantize_text(const QuantizeReport& report, bool every_tensor, double seconds);

}  // namespace pangu::app
