// SPDX-License-Identifier: Apache-2.0
#include "comm/process_group.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "base/error.h"
#include "comm/launcher.h"
#include "comm/single_process.h"

#ifdef PANGU_HAS_MPI
#include <mpi.h>
#endif

namespace pangu {

#ifdef PANGU_HAS_MPI
namespace {

class MpiCommunicator final : public Communicator {
 public:
  MpiCommunicator() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiCommunicator() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void all_reduce_sum(std::span<float> values) override { sum(values, MPI_FLOAT); }
  void all_reduce_sum(std::span<double> values) override { sum(values, MPI_DOUBLE); }
  void barrier() override { MPI_Barrier(MPI_COMM_WORLD); }
  [[noreturn]] void abort(int status) override {
    MPI_Abort(MPI_COMM_WORLD, status);
    std::_Exit(status);
  }

 private:
  /// MPI_Allreduce may give ranks sums that differ in the last bit, and weights would drift apart.
  template <class T>
  void sum(std::span<T> values, MPI_Datatype type) {
    constexpr std::size_t kPiece = std::size_t{1} << 24;  // counts are ints
    for (std::size_t at = 0; at < values.size(); at += kPiece) {
      const std::span<T> piece = values.subspan(at, std::min(kPiece, values.size() - at));
      const int n = static_cast<int>(piece.size());
      if (rank_ == 0) {
        MPI_Reduce(MPI_IN_PLACE, piece.data(), n, type, MPI_SUM, 0, MPI_COMM_WORLD);
      } else {
        MPI_Reduce(piece.data(), nullptr, n, type, MPI_SUM, 0, MPI_COMM_WORLD);
      }
      MPI_Bcast(piece.data(), n, type, 0, MPI_COMM_WORLD);
    }
  }

  int rank_ = 0, size_ = 1;
};

}  // namespace
#endif

std::unique_ptr<Communicator> join_process_group() {
  if (!is_launched_in_group()) return std::make_unique<SingleProcess>();
#ifdef PANGU_HAS_MPI
  return std::make_unique<MpiCommunicator>();
#else
  fail<Unsupported>(
      "[mpi] this program was started by mpirun, but built without MPI, so that every process "
      "would train a model of its own. Install libopenmpi-dev and build anew, or start it without "
      "mpirun.");
#endif
}

}  // namespace pangu
