// SPDX-License-Identifier: Apache-2.0
#include "text/chat/tool_call_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace pangu {
namespace {

/// The row of a family, and what its chat templates have.
struct KnownFormat {
  ToolCallFormat format;
  std::vector<std::string_view> marks;    ///< one of these
  std::vector<std::string_view> none_of;  ///< signs of another form with the same markers
  bool needs_tokens;                      ///< the markers must be tokens
};

const std::vector<KnownFormat>& table() {
  static const std::vector<KnownFormat> rows = {
      // openPangu-Embedded; the template lists no tools, the system message does.
      {.format = {.family = "openPangu",
                  .begin = "[unused11]",
                  .end = "[unused12]",
                  .open = "[",
                  .close = "]",
                  .between_calls = ", ",
                  .between_blocks = "",
                  .arguments_key = "arguments",
                  .may_be_named = true},
       .marks = {"[unused9]"},
       .none_of = {},
       .needs_tokens = true},
      {.format = {.family = "openPangu 2.0",
                  .begin = "<|tool_call_start|>",
                  .end = "<|tool_call_end|>",
                  .open = "[",
                  .close = "]",
                  .between_calls = ", ",
                  .between_blocks = "",
                  .arguments_key = "arguments"},
       .marks = {"<|tool_call_start|>", "<|pangu_text_start|>"},
       .none_of = {},
       .needs_tokens = false},
      // Hermes 2 Pro, Qwen 2.5, Qwen 3. Qwen 3 Coder and GLM write XML between the same markers.
      {.format = {.family = "Hermes",
                  .begin = "<tool_call>",
                  .end = "</tool_call>",
                  .open = "\n",
                  .close = "\n",
                  .between_calls = "",
                  .between_blocks = "\n",
                  .arguments_key = "arguments"},
       .marks = {"<tool_call>"},
       .none_of = {"<function=", "<arg_key>"},
       .needs_tokens = false},
      {.format = {.family = "Llama 3",
                  .begin = "<|python_tag|>",
                  .end = "",
                  .open = "",
                  .close = "",
                  .between_calls = "; ",
                  .between_blocks = "",
                  .arguments_key = "parameters",
                  .begin_is_optional = true},
       .marks = {"<|python_tag|>", "<|start_header_id|>ipython"},
       .none_of = {},
       .needs_tokens = false}};
  return rows;
}

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return text.find(word) != text.npos; });
}

/// With the ids of its markers, all or none.
ToolCallFormat with_ids(ToolCallFormat format, const Tokenizer& tokenizer) {
  const auto begin = tokenizer.id_of(format.begin);
  const auto end = format.end.empty() ? std::nullopt : tokenizer.id_of(format.end);
  if (begin && (end || format.end.empty())) {
    format.begin_id = begin;
    format.end_id = end;
  }
  return format;
}

}  // namespace

std::span<const ToolCallFormat> known_tool_call_formats() {
  static const std::vector<ToolCallFormat> formats = [] {
    std::vector<ToolCallFormat> out;
    std::ranges::transform(table(), std::back_inserter(out), &KnownFormat::format);
    return out;
  }();
  return formats;
}

std::optional<ToolCallFormat> tool_call_format(const Tokenizer& tokenizer) {
  const std::string_view source = tokenizer.chat_template();
  for (const KnownFormat& row : table()) {
    if (!has_any(source, row.marks) || has_any(source, row.none_of)) continue;
    ToolCallFormat format = with_ids(row.format, tokenizer);
    if (format.are_tokens() || !row.needs_tokens) return format;
  }
  return std::nullopt;
}

ToolCallText tool_call_text(const ToolCallFormat& format) {
  return {.before_name = R"({"name": ")",
          .before_arguments = fmt::format(R"(", "{}": )", format.arguments_key),
          .after_arguments = "}"};
}

}  // namespace pangu
