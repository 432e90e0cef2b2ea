// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <mutex>

namespace pangu::log {
namespace {

std::mutex sink_mutex;
Sink current_sink;

}  // namespace

void set_sink(Sink sink) {
  const std::lock_guard lock(sink_mutex);
  current_sink = std::move(sink);
}

void write(Level level, std::string_view message) {
  const std::lock_guard lock(sink_mutex);
  if (current_sink) current_sink(level, message);
}

}  // namespace pangu::log
