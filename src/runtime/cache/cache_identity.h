// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ops/context.h"
#include "quant/kv_format.h"
#include "runtime/model.h"

namespace pangu {

/// 64 bits, as 16 hexadecimal digits, of everything that the bits of keys and values depend on
/// beside tokens: weights, config, formats, activations, instruction set, the program itself.
/// Throws FileError for files that cannot be read.
std::string cache_identity(const Model& model, const Context& ctx, KvFormat kv);

}  // namespace pangu
