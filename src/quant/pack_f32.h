// SPDX-License-Identifier: Apache-2.0
// Packing values that are in memory as f32.
#pragma once

#include "base/thread_pool.h"
#include "quant/packed_matrix.h"

namespace pangu {

/// Fills all of `to` from row-major values [rows, k], on all threads. Throws as pack_panel does.
void pack_f32(const PackedMatrix& to, const float* values, ThreadPool& threads);

}  // namespace pangu
