// SPDX-License-Identifier: Apache-2.0
// What choosing between fast and slow thinking comes to, as text and JSON.
#pragma once

#include <string>

#include "adaptive/thinking/train_thinking.h"
#include "io/json.h"

namespace pangu::adaptive {

/// Accuracy and tokens of always fast, always slow, auto and an oracle, overall and by task, and
/// what the head decides; lines end in newlines.
std::string thinking_report_text(const TrainedThinking& trained, const ThinkingItems& items,
                                 double keep);

/// The keys that docs/intent.md lists.
Json thinking_report_json(const TrainedThinking& trained, const ThinkingItems& items, double keep);

}  // namespace pangu::adaptive
