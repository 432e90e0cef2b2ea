// SPDX-License-Identifier: Apache-2.0
// Characters as JSON strings spell them (RFC 8259, section 7).
#pragma once

#include <string>
#include <string_view>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

/// One of these characters, each in its usual spelling: with an escape where JSON needs one, \n and
/// the like where there is a short one, \u00XX for other controls.
ExprId json_characters(RuleSet& rules, const CodePointSet& set);

/// Any character, in any spelling: \/ and \u with four digits, too, with surrogates in pairs.
ExprId any_json_character(RuleSet& rules);

/// The usual spelling of a text, with its quotes. The text must be valid UTF-8.
std::string json_string_text(std::string_view text);

}  // namespace pangu::grammar
