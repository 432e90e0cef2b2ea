// SPDX-License-Identifier: Apache-2.0
// The kinds of task that are told apart: what is measured, recognised and chosen for is one of
// them.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pangu::adaptive {

/// A kind that needs no examples to be known.
struct TaskKind {
  const char* name;  ///< as in --for, in profiles and in labelled examples
  const char* en;    ///< what such a request wants, to be put after a label
  const char* zh;
};

/// code, code-edit, math, knowledge, extraction, translation, structured, chat: in this order.
std::span<const TaskKind> built_in_kinds();

/// What a request is called that belongs to none of them for sure.
inline constexpr std::string_view kUnknownKind = "unknown";

/// The built-in kind of this name; null if there is none.
const TaskKind* find_built_in_kind(std::string_view name);

/// Names of kinds, built in or a user's own, are 1 to 32 of a-z, 0-9 and '-', beginning with a
/// letter, and not "unknown". Throws ConfigError with "[where]" and the name otherwise.
void require_kind_name(std::string_view name, std::string_view where);

}  // namespace pangu::adaptive
