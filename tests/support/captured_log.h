// SPDX-License-Identifier: Apache-2.0
// What the library says in its log while a test looks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace pangu::test {

/// Collects the messages of this process until it goes; one at a time.
class CapturedLog {
 public:
  CapturedLog() {
    log::set_sink([this](log::Level level, std::string_view message) {
      if (level >= log::Level::kWarning) warnings_.emplace_back(message);
    });
  }
  ~CapturedLog() { log::set_sink({}); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  std::vector<std::string> warnings_;
};

}  // namespace pangu::test
