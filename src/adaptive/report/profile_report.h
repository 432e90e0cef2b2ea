// SPDX-License-Identifier: Apache-2.0
// A profile for people and for programs: a table per kind of task, JSON, a plot of the front.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adaptive/choose/candidates.h"
#include "adaptive/profile/profile_data.h"
#include "io/json.h"

namespace pangu::adaptive {

/// Whose figures they are and how old, newline at the end.
std::string entry_text(const ProfileEntry& entry);
/// The same, with the machine's speed.
std::string profile_header(const ProfileData& data);

/// The kinds that were measured; one without a name where none was.
std::vector<std::string> kinds_of(const ProfileData& data);

/// A table of the candidates of a kind, those on the front marked with *, fastest first. Without
/// `all`, candidates with speculation or without answers are left out, and their number is told.
std::string profile_table(const std::vector<Candidate>& list, bool all);

/// {"model", "machine", "engine", "measured", "kinds": {KIND: [candidate, ...]}}.
Json profile_json(const ProfileData& data, double max_divergence);
/// {"strategy", "variant", "format", "kv", "source", "thinking", "speculation", "items", "score",
/// "kept", "kept_ci95", "prefill_tokens_per_s", "decode_tokens_per_s", "speed_up",
/// "first_token_s", "answer_s", "resident_bytes", "load_s", "kl"}; null for what is not known.
Json candidate_json(const Candidate& candidate);

/// Quality over seconds per answer; the area of no mark tells memory, which stands in the labels.
std::string front_svg(const std::vector<Candidate>& list, std::string_view kind,
                      std::string_view subtitle);

}  // namespace pangu::adaptive
