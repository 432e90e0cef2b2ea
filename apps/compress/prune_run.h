// SPDX-License-Identifier: Apache-2.0
// A pruning run as the command line asks for it: rounds, distillation, scores and the report.
#pragma once

#include "apps/compress/prune_options.h"
#include "apps/shared/interrupt.h"

namespace pangu::app {

/// Throws what prune_checkpoint(), the trainer and the evaluation throw.
void run_prune(const PruneCommand& options, Interrupts& interrupts);

}  // namespace pangu::app
