// SPDX-License-Identifier: Apache-2.0
#include "text/chat/message_roles.h"

#include <algorithm>

#include "base/clipped.h"
#include "base/error.h"
#include "base/nearest_name.h"

namespace pangu {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kRoles[] = {"system", "user", "assistant", "tool"};
constexpr std::string_view kKnown = "system, user, assistant, tool and what the template writes";

std::string role_of(const OrderedJson& message, std::size_t number) {
  const auto role = message.find("role");
  if (role == message.end()) {
    fail<InputError>("[chat template] message {} has no 'role'; one of {} was expected.", number,
                     kKnown);
  }
  if (!role->is_string() || role->get_ref<const std::string&>().empty()) {
    fail<InputError>("[chat template] message {} has a 'role' that is {}; one of {} was expected.",
                     number, role->is_string() ? "empty" : role->type_name(), kKnown);
  }
  return *role;
}

void require_content(const OrderedJson& message, std::size_t number) {
  if (message.contains("content") || message.contains("tool_calls")) return;
  fail<InputError>(
      "[chat template] message {} has no 'content'; a text was expected (null for none).", number);
}

/// A known role with a number, as conversations of several users have.
bool is_numbered(std::string_view role) {
  const std::size_t end = role.find_last_not_of("0123456789");
  if (end == role.npos || end + 1 == role.size()) return false;
  const std::string_view name =
      role.substr(0, role[end] == '_' || role[end] == '-' ? end : end + 1);
  return std::ranges::find(kRoles, name) != std::end(kRoles);
}

}  // namespace

std::vector<UnfamiliarRole> unfamiliar_roles(const OrderedJson& messages) {
  std::vector<UnfamiliarRole> unfamiliar;
  std::size_t number = 0;
  for (const OrderedJson& message : messages) {
    const std::string role = role_of(message, ++number);
    require_content(message, number);
    if (std::ranges::find(kRoles, role) != std::end(kRoles)) continue;
    const std::string guess = is_numbered(role) ? "" : did_you_mean(role, kRoles);
    if (!guess.empty()) {
      fail<InputError>("[chat template] message {} has the role '{}'.{} Expected: {}.", number,
                       clipped(role, 40), guess, kKnown);
    }
    unfamiliar.push_back({number, role});
  }
  return unfamiliar;
}

void refuse_role(const UnfamiliarRole& role, std::string_view origin) {
  fail<InputError>(
      "[chat template] message {} has the role '{}', and {} leaves it out. Expected: {}.",
      role.message, clipped(role.role, 40), origin, kKnown);
}

}  // namespace pangu
