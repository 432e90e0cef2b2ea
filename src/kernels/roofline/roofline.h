// SPDX-License-Identifier: Apache-2.0
// What the machine gives at best: bytes read per second and arithmetic per second, measured with
// the threads and instruction set that kernels run on. Kernels are judged against these.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

/// Reads all of `bytes` once; returns a value that depends on every one of them.
using ReadAll = std::uint64_t(const std::byte* data, std::size_t bytes);
ReadAll read_all_ref, read_all_avx2, read_all_avx512;

/// Does `steps` rounds of independent multiply-adds in registers, nothing else; returns the number
/// of operations, a multiply-add counting as two.
using SpinMath = double(std::int64_t steps);
SpinMath spin_f32_ref, spin_f32_avx2, spin_f32_avx512, spin_bf16_avx512bf16;

/// Bytes per second over one pass of `data`, which should be much larger than the caches.
double read_bandwidth(std::span<const std::byte> data, const Executor& on);

/// Operations per second of multiply-adds with operands of this type: bf16 dot products where the
/// instruction set has them, f32 otherwise. Takes about `seconds`.
double peak_operations(DType dtype, double seconds, const Executor& on);

}  // namespace pangu::kernels
