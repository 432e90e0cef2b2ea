// SPDX-License-Identifier: Apache-2.0
// What a forward pass runs on: device, threads, instruction set, activation type, memory.
#pragma once

#include <memory>

#include "base/cpu.h"
#include "base/thread_pool.h"
#include "kernels/variant.h"
#include "tensor/tensor.h"

namespace pangu {

class Tape;

struct ContextOptions {
  int threads = default_threads();
  Isa isa = detected_isa();
  /// Type of the activations that enter matrix products: f32, or bf16 (half the cache, twice the
  /// arithmetic). Sums, norms and the residual stream are f32 either way.
  DType dtype = DType::kBF16;
};

/// One owner at a time: passes that run at once need a context each. Tensors made here may outlive
/// it.
class Context {
 public:
  /// Throws ConfigError for a dtype other than f32 and bf16.
  explicit Context(const ContextOptions& options);

  Device& device() const { return *device_; }
  const std::shared_ptr<Device>& shared_device() const { return device_; }
  ThreadPool& threads() { return threads_; }
  Isa isa() const { return isa_; }
  DType dtype() const { return dtype_; }
  kernels::Executor executor() { return {threads_, isa_}; }

  /// What ops note their gradients on (ops/tape.h), or null: inference.
  Tape* tape() const { return tape_; }
  void set_tape(Tape* tape) { tape_ = tape; }

  /// Uninitialized memory from the pool.
  Tensor empty(Shape shape, DType dtype);
  /// Gives memory that no tensor uses back to the system: between phases of different needs.
  void trim() { pool_.trim(); }

 private:
  std::shared_ptr<Device> device_;
  ThreadPool threads_;
  Isa isa_;
  DType dtype_;
  BufferPool pool_;
  Tape* tape_ = nullptr;
};

}  // namespace pangu
