// SPDX-License-Identifier: Apache-2.0
// Wordings of requests of each kind, in English, Chinese and both, written for this project. A gap
// such as {task} is filled from the list of that name (fillers.h); {task2} takes another from it.
#pragma once

#include <span>

namespace pangu::adaptive {

using Patterns = std::span<const char* const>;

Patterns code_patterns();
Patterns code_edit_patterns();
Patterns math_patterns();
Patterns knowledge_patterns();
Patterns extraction_patterns();
Patterns translation_patterns();
Patterns structured_patterns();
Patterns chat_patterns();

}  // namespace pangu::adaptive
