// SPDX-License-Identifier: Apache-2.0
#include "text/chat/tool_call_writer.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash.h"

namespace pangu {

void ToolCallWriter::start(std::string name) {
  deltas_.push_back({.index = count_,
                     .id = tool_call_id(salt_, count_),
                     .name = std::move(name),
                     .arguments = {}});
  ++count_;
}

ToolCallDelta& ToolCallWriter::delta() {
  if (deltas_.empty() || deltas_.back().index != count_ - 1) {
    deltas_.push_back({.index = count_ - 1, .id = {}, .name = {}, .arguments = {}});
  }
  return deltas_.back();
}

void ToolCallWriter::add(std::string_view arguments) {
  if (!arguments.empty()) delta().arguments += arguments;
}

void ToolCallWriter::end() {
  delta().is_complete = true;
}

std::vector<ToolCallDelta> ToolCallWriter::take() {
  return std::exchange(deltas_, {});
}

std::string tool_call_id(std::uint64_t salt, std::int64_t index) {
  ContentHash hash(salt);
  hash.add(static_cast<std::uint64_t>(index));
  return fmt::format("call_{:016x}", hash.value());
}

void add_delta(std::vector<ToolCall>& calls, const ToolCallDelta& delta) {
  const auto index = static_cast<std::size_t>(delta.index);
  if (index == calls.size()) {
    calls.push_back({.id = delta.id, .name = delta.name, .arguments = {}});
  }
  calls[index].arguments += delta.arguments;
  calls[index].is_complete = calls[index].is_complete || delta.is_complete;
}

}  // namespace pangu
