// SPDX-License-Identifier: Apache-2.0
// Items with the answers of their files, as texts on which the next tokens of variants are
// compared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adaptive/explore/kind_task.h"
#include "eval/reference.h"

namespace pangu::adaptive {

/// Questions as the model is asked them, fast where it can think, followed by the answers, whose
/// tokens count: of every task in turn, until they have `positions` tokens or all were taken.
/// Nothing is written by a model, so that this costs one pass.
std::vector<eval::ReferenceText> answered_texts(const Model& model, std::span<const KindTask> tasks,
                                                std::int64_t positions);

}  // namespace pangu::adaptive
