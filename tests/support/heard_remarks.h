// SPDX-License-Identifier: Apache-2.0
// What the library has to remark while a test looks.
#pragma once

#include <string>

#include "base/log.h"

namespace pangu::test {

class HeardRemarks {
 public:
  HeardRemarks() {
    log::set_sink([this](log::Level, std::string_view text) { text_ += std::string(text) + "\n"; });
  }
  ~HeardRemarks() { log::set_sink({}); }
  HeardRemarks(const HeardRemarks&) = delete;
  HeardRemarks& operator=(const HeardRemarks&) = delete;

  /// One a line.
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace pangu::test
