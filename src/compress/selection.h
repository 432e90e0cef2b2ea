// SPDX-License-Identifier: Apache-2.0
// One round of structured pruning: from evidence to scores, from scores to what stays, and the
// repair of what is left.
#pragma once

#include "compress/selection_job.h"

namespace pangu::compress {

/// Whether the job needs calibration text.
bool needs_calibration(const Method& method, Allocation allocation, Repair repair);

/// Throws ConfigError for a job whose parts do not go together, and what reading weights and
/// running the model throws.
Selection select_units(const SelectionJob& job, Context& ctx);

}  // namespace pangu::compress
