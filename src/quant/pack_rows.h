// SPDX-License-Identifier: Apache-2.0
// Filling packed matrices on all threads.
#pragma once

#include <functional>

#include "base/thread_pool.h"
#include "quant/packed_matrix.h"

namespace pangu {

/// Fills all of `to`, whose row i is row(i), which is called from any thread. Where the threads
/// belong to several memory nodes, each panel is first written by one of the node that reads it in
/// products on as many threads, and so lies in its memory. Throws as PackedMatrix::pack_panel()
/// does.
void pack_rows(PackedMatrix& to, const std::function<StoredRow(int64_t i)>& row,
               ThreadPool& threads);

/// The same from row-major values [rows, k].
void pack_f32(PackedMatrix& to, const float* values, ThreadPool& threads);

}  // namespace pangu
