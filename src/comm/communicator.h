// SPDX-License-Identifier: Apache-2.0
// How the processes of one run add up what each has computed.
#pragma once

#include <span>

namespace pangu {

/// One of several processes, its rank, and what it does together with the others. Every rank makes
/// the same calls in the same order. What is reduced is the same, bit for bit, on every rank
/// afterwards.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;  ///< 0 ... size() - 1; 0 prints and saves
  virtual int size() const = 0;
  /// Replaces each element by its sum over all ranks.
  virtual void all_reduce_sum(std::span<float> values) = 0;
  virtual void all_reduce_sum(std::span<double> values) = 0;
  /// Returns when every rank has come here.
  virtual void barrier() = 0;
  /// Ends every rank at once with this exit status.
  [[noreturn]] virtual void abort(int status) = 0;
};

}  // namespace pangu
