// SPDX-License-Identifier: Apache-2.0
// Whether a template can be expected to show every message of a conversation. Templates are chains
// of comparisons with roles: a turn whose role is mistyped falls through them, and nobody is told.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

/// A message whose role nothing vouches for until the template is seen to write it.
struct UnfamiliarRole {
  std::size_t message;  ///< its number, from 1
  std::string role;
};

/// `messages` is a JSON array of objects, `source` the template's. Roles that are known (system,
/// user, assistant, tool) or that stand in quotes in the template are let be; what else there is,
/// such as "developer" for a template that writes any role, is returned.
/// throws InputError for a message without a role or without content (one with tool_calls needs
///        none), and for a role that is a known one mistyped.
std::vector<UnfamiliarRole> unfamiliar_roles(const nlohmann::ordered_json& messages,
                                             std::string_view source);

/// throws InputError: the template left the message out.
[[noreturn]] void refuse_role(const UnfamiliarRole& role, std::string_view origin);

}  // namespace pangu
