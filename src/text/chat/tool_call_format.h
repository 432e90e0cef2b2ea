// SPDX-License-Identifier: Apache-2.0
// How families of models write calls of tools. One row of a table each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pangu/tokenizer.h"

namespace pangu {

/// A block of calls is written
///     begin open CALL between_calls CALL ... close end
/// and a call {"name": NAME, arguments_key: ARGUMENTS}, where the arguments are a JSON object.
/// Models are read more leniently than that: see ToolCallParser.
struct ToolCallFormat {
  std::string_view family;  ///< for people: "openPangu", ...
  std::string_view begin;   ///< marker in front of a block
  std::string_view end;     ///< marker behind it; empty: there is none
  std::string_view open, close;
  /// Empty: a block has one call, and further calls have blocks of their own.
  std::string_view between_calls;
  std::string_view between_blocks;
  std::string_view arguments_key;  ///< "arguments" or "parameters"
  /// A reply may begin with a call without the marker, and usually does.
  bool begin_is_optional = false;
  /// A block may also be NAME|ARGUMENTS.
  bool may_be_named = false;

  /// Where the vocabulary has the markers as tokens, these count and never a text that looks like
  /// one. Without them the markers are spelled by several tokens of text.
  std::optional<TokenId> begin_id = {}, end_id = {};

  bool are_tokens() const { return begin_id.has_value(); }
};

/// Those of all families; each without ids.
std::span<const ToolCallFormat> known_tool_call_formats();

/// That of the model, told by its chat template and its vocabulary. None if the template speaks of
/// no calls, or of calls in a form that is not known.
std::optional<ToolCallFormat> tool_call_format(const Tokenizer& tokenizer);

/// What stands around the name and the arguments of a call: what a grammar of calls is built from.
struct ToolCallText {
  std::string before_name;       ///< {"name": "
  std::string before_arguments;  ///< ", "arguments": <- after the name, its closing quote first
  std::string after_arguments;   ///< }
};
ToolCallText tool_call_text(const ToolCallFormat& format);

}  // namespace pangu
