// SPDX-License-Identifier: Apache-2.0
// Finding the program in what a model wrote. docs/eval.md has the rule.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eval/rows.h"

namespace pangu::eval {

/// The ways to read a reply as a program for an item, the likeliest first; one or more, and at most
/// 16. The program is the first of them that compiles, which only Python can tell, or else the
/// first one. Tests have no say: a reply is one answer.
std::vector<std::string> code_candidates(const CodeRow& row, std::string_view answer, bool chat);

}  // namespace pangu::eval
