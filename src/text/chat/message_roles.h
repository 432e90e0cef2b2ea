// SPDX-License-Identifier: Apache-2.0
// Whether a template can be expected to show every message of a conversation. Templates are chains
// of comparisons with roles: a turn whose role is mistyped falls through them, and nobody is told.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// A message whose role nothing vouches for until the template is seen to write what it says.
struct UnfamiliarRole {
  std::size_t message;  ///< its number, from 1
  std::string role;
};

/// `messages` is a JSON array of objects. Roles that are known (system, user, assistant, tool) are
/// the template's own choice; what else there is, such as "developer", is returned.
/// throws InputError for a message without a role or without content (one with tool_calls needs
///        none), and for a role that is a known one mistyped ("user_2" is not).
std::vector<UnfamiliarRole> unfamiliar_roles(const nlohmann::ordered_json& messages);

/// throws InputError: the template left the message out.
[[noreturn]] void refuse_role(const UnfamiliarRole& role, std::string_view origin);

}  // namespace pangu
