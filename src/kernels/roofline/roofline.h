// SPDX-License-Identifier: Apache-2.0
// What the machine gives at best: bytes read per second and arithmetic per second, measured with
// the threads and instruction set that kernels run on. Kernels are judged against these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/variant.h"
#include "tensor/arithmetic.h"

namespace pangu::kernels {

/// Reads all of `bytes` once; returns a value that depends on every one of them.
using ReadAll = std::uint64_t(const std::byte* data, std::size_t bytes);
ReadAll read_all_ref, read_all_avx2, read_all_avx512, read_all_neon;

/// Does `steps` rounds of independent multiply-adds in registers, nothing else; returns the number
/// of operations, a multiply-add counting as two.
using SpinMath = double(std::int64_t steps);
SpinMath spin_f32_ref, spin_f32_avx2, spin_f32_avx512, spin_bf16_avx512bf16, spin_bf16_amx,
    spin_f32_neon;
SpinMath spin_int8_ref, spin_int8_avx2, spin_int8_avxvnni, spin_int8_avx512, spin_int8_avx512vnni,
    spin_int8_amx, spin_int8_neon, spin_int8_neondotprod, spin_int8_neoni8mm;

/// All of the former that this build has.
std::span<const Variant<ReadAll>> read_all_variants();

/// The probe of an instruction set for this arithmetic.
SpinMath* spin_of(Arithmetic arithmetic, Isa isa);

/// What an instruction set does for this arithmetic: bf16 becomes f32 where it has no dot products
/// of bf16.
Arithmetic native_arithmetic(Arithmetic wanted, Isa isa);

/// Bytes per second at best: `data`, which should be much larger than the caches and have 512 KiB
/// at least, is read once in each of several ways (plainly, asked for ahead, in several streams),
/// and the time of the faster half of the fastest counts.
double read_bandwidth(std::span<const std::byte> data, const Executor& on);

/// Operations per second of multiply-adds in native_arithmetic(arithmetic). Takes about `seconds`.
double peak_operations(Arithmetic arithmetic, double seconds, const Executor& on);

}  // namespace pangu::kernels
