// SPDX-License-Identifier: Apache-2.0
// Numbers and names the calls of a reply, and hands them out as they grow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/tool_call.h"

namespace pangu {

class ToolCallWriter {
 public:
  /// `salt` tells the ids of replies apart.
  explicit ToolCallWriter(std::uint64_t salt) : salt_(salt) {}

  void start(std::string name);
  /// Adds to the arguments of the call that was started last.
  void add(std::string_view arguments);
  /// Its arguments are whole.
  void end();

  /// What came since the last time: at most one delta for each call.
  std::vector<ToolCallDelta> take();

  /// Calls so far.
  std::int64_t count() const { return count_; }

 private:
  ToolCallDelta& delta();

  std::uint64_t salt_;
  std::int64_t count_ = 0;
  std::vector<ToolCallDelta> deltas_;
};

/// "call_" and 16 digits that depend on the salt and the call's index.
std::string tool_call_id(std::uint64_t salt, std::int64_t index);

/// Adds a delta to the calls it belongs to; deltas must come in order.
void add_delta(std::vector<ToolCall>& calls, const ToolCallDelta& delta);

}  // namespace pangu
