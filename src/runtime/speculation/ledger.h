// SPDX-License-Identifier: Apache-2.0
// An account of what speculation has gained and lost against plain decoding, in seconds. A draft is
// checked only if its price could be lost without overdrawing the account, so that a drafter that
// is always wrong costs no more than the allowance.
#pragma once

#include <algorithm>

namespace pangu {

class Ledger {
 public:
  /// A plain pass takes `plain_s`: the unit of what may be risked at first, and of what past gains
  /// may be risked again.
  void open(double plain_s) {
    if (is_open_) return;
    is_open_ = true;
    balance_ = kFirst * plain_s;
  }
  bool affords(double seconds) const { return is_open_ && seconds <= balance_; }
  double balance() const { return balance_; }

  /// After each pass: what speculation gained, or lost, against the plain pass.
  void settle(double gain_s, double plain_s) {
    balance_ = std::min(balance_ + gain_s + kAllowance * plain_s, kMost * plain_s);
  }

 private:
  static constexpr double kAllowance = 0.015;       ///< of plain decoding time may be lost
  static constexpr double kFirst = 1.5, kMost = 8;  ///< plain passes

  bool is_open_ = false;
  double balance_ = 0;
};

}  // namespace pangu
