// SPDX-License-Identifier: Apache-2.0
// What a forward pass runs on: device, threads, instruction set, activation type, memory.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/memory_nodes.h"
#include "devices/device.h"
#include "tensor/tensor.h"

namespace pangu {

class Tape;

/// The device of contexts that name none: the CPU, unless a test has set another.
std::shared_ptr<Device> default_device();
void set_default_device(std::shared_ptr<Device> device);

struct ContextOptions {
  int threads = default_threads();
  Isa isa = default_isa();
  /// Type of the activations that enter matrix products: f32, or bf16 (half the cache, twice the
  /// arithmetic). Sums, norms and the residual stream are f32 either way.
  DType dtype = DType::kBF16;
  /// What threads and weights are spread over: memory_nodes() if absent; none or one: not at all.
  std::optional<std::vector<MemoryNode>> nodes;
  std::shared_ptr<Device> device = default_device();
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
  Executor executor() { return {threads_, isa_}; }

  /// What ops note their gradients on (ops/tape.h), or null: inference.
  Tape* tape() const { return tape_; }
  void set_tape(Tape* tape) { tape_ = tape; }

  /// Uninitialized memory of the device, from the pool.
  Tensor empty(Shape shape, DType dtype);
  /// The same in the host's memory, for what the host computes itself.
  Tensor host_empty(Shape shape, DType dtype);
  /// Memory of its own for weights, zeroed.
  Tensor zeros(Shape shape, DType dtype);
  /// How the device packs weights of this format.
  PackedForm packed_form(WeightFormat format) const;
  /// Gives memory that no tensor uses back to the system: between phases of different needs.
  void trim() { pool_.trim(); }

  /// Logs, once for each op, that the CPU runs it because the device cannot.
  void warn_of_fallback(std::string_view op);

 private:
  std::shared_ptr<Device> device_;
  ThreadPool threads_;
  Isa isa_;
  DType dtype_;
  BufferPool pool_;
  std::optional<BufferPool> host_pool_;  ///< where the host cannot reach the device's memory
  Tape* tape_ = nullptr;
  std::set<std::string_view> fallbacks_;  ///< ops that were warned of
};

}  // namespace pangu
