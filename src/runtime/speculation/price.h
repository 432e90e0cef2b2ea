// SPDX-License-Identifier: Apache-2.0
// What something costs, learnt from how long it took.
#pragma once

namespace pangu {

/// Seconds for one of something, learnt from how long several took; 0 while unknown.
class Price {
 public:
  void record(double count, double seconds) {
    seconds_ = kMemory * seconds_ + seconds;
    count_ = kMemory * count_ + count;
  }
  double value() const { return count_ > 0 ? seconds_ / count_ : 0; }

 private:
  static constexpr double kMemory = 0.9;
  double seconds_ = 0, count_ = 0;
};

}  // namespace pangu
