// SPDX-License-Identifier: Apache-2.0
// What a token is: an index into the vocabulary of a checkpoint.
#pragma once

#include <cstdint>

namespace pangu {

/// Index of a vocabulary entry; valid ids are 0 ... vocabulary size - 1.
using TokenId = std::int32_t;

}  // namespace pangu
