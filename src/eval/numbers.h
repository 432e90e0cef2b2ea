// SPDX-License-Identifier: Apache-2.0
// The number that a text gives as its answer. docs/eval.md has the rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pangu::eval {

/// The number that the last "####" announces, in the form of canonical_number(): on its line, or on
/// the first one that is not blank after a bare mark. A heading ("#### Step 2: add") has none.
std::optional<std::string> find_marked_number(std::string_view text);

/// The same; or the number in the last "\boxed{}"; or the last number of the text, where exponents
/// and digits in words ("cm^2", "H2O") count as none, and ordinals only if there is nothing else.
std::optional<std::string> find_answer_number(std::string_view text);

/// A number so that equal ones are equal texts: digits without separators, leading zeros, a plus
/// sign, and zeros at the end of the fraction. Full-width digits and signs count as plain ones;
/// powers, powers of ten and fractions are computed exactly, or are no numbers where that cannot be
/// done (docs/eval.md); a fraction without an end stays one, in lowest terms. "-1,234.50" is
/// "-1234.5"; "０７" is "7"; "-0" is "0"; "1.2e3", "2^3" and "1/3" are "1200", "8" and "1/3".
/// Nothing if `text` is no number.
std::optional<std::string> canonical_number(std::string_view text);

}  // namespace pangu::eval
