// SPDX-License-Identifier: Apache-2.0
// What computes: memory, the functions that run on it, and how it wants its data laid out.
#pragma once

#include <memory>
#include <string>

#include "devices/op_table.h"
#include "kernels/kv_pages.h"
#include "quant/packed_matrix.h"
#include "tensor/arithmetic.h"
#include "tensor/memory.h"

namespace pangu {

/// One device of the machine. Thread-safe. Its functions may be called from one thread at a time
/// for each executor.
class Device : public Memory {
 public:
  /// Model name and facts in one line, for `pangu info` and logs.
  virtual std::string description() const = 0;

  /// What it runs.
  virtual const OpTable& ops() const = 0;
  /// How its kernels want the weights of a format.
  virtual PanelLayout panel_layout(WeightFormat format) const = 0;
  /// Bytes of a page of one layer of a KV cache; `pages` without an address says of what shape.
  virtual std::size_t page_bytes(const kernels::KvPages& pages) const = 0;

  /// What products of activations with weights of a format multiply.
  virtual Arithmetic arithmetic_of(WeightFormat format, DType activations, Isa isa) const = 0;
  /// What it computes in where this arithmetic is wanted: another one if it has none of its own.
  virtual Arithmetic native(Arithmetic wanted, Isa isa) const = 0;
  /// Bytes per second that are read at best of `data`, which should be much larger than the caches;
  /// takes a few passes over it.
  virtual double read_bandwidth(const Buffer& data, const Executor& on) const = 0;
  /// Operations per second of multiply-adds in native(arithmetic). Takes about `seconds`.
  virtual double peak_operations(Arithmetic arithmetic, double seconds,
                                 const Executor& on) const = 0;
};

}  // namespace pangu
