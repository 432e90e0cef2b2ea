// SPDX-License-Identifier: Apache-2.0
// A process group for tests, whose ranks are threads of this process.
#pragma once

#include <barrier>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <vector>

#include "comm/communicator.h"

namespace pangu::test {

class ThreadGroup {
 public:
  explicit ThreadGroup(int size) : size_(size), barrier_(size) {}

  /// To be used by one thread.
  class Rank final : public Communicator {
   public:
    Rank(ThreadGroup& all, int rank) : all_(all), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return all_.size_; }
    void all_reduce_sum(std::span<float> values) override { all_.sum(rank_, values); }
    void all_reduce_sum(std::span<double> values) override { all_.sum(rank_, values); }
    void barrier() override { all_.barrier_.arrive_and_wait(); }
    [[noreturn]] void abort(int status) override { std::_Exit(status); }

   private:
    ThreadGroup& all_;
    int rank_;
  };

 private:
  template <class T>
  void sum(int rank, std::span<T> values) {
    if (rank == 0) sums_.assign(values.size(), 0);
    barrier_.arrive_and_wait();
    for (int r = 0; r < size_; ++r) {
      if (r == rank) {
        for (std::size_t i = 0; i < values.size(); ++i) sums_[i] += static_cast<double>(values[i]);
      }
      barrier_.arrive_and_wait();
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(sums_[i]);
    barrier_.arrive_and_wait();
  }

  int size_;
  std::barrier<> barrier_;
  std::vector<double> sums_;
};

}  // namespace pangu::test
