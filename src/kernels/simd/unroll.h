// SPDX-License-Identifier: Apache-2.0
// Sums that are meant to live in registers are written as arrays; they only stay there when every
// loop over them is unrolled and everything that touches them is inlined.
#pragma once

#define PANGU_UNROLL _Pragma("GCC unroll 32")
#define PANGU_INLINE inline __attribute__((always_inline))
