// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "runtime/model.h"

namespace pangu {

/// 64 bits, as 16 hexadecimal digits, that tell a model from any other by accident: sizes of its
/// files of weights and 256 blocks of 4 KiB from all over each, so that a large model costs a
/// moment; and the pieces of its tokenizer. The name and the place of the model do not matter, nor
/// how its weights are held in memory. Throws FileError for files that cannot be read.
std::string model_fingerprint(const Model& model);

}  // namespace pangu
