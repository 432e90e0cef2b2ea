// SPDX-License-Identifier: Apache-2.0
#include "ops/context.h"

#include "devices/cpu/cpu_device.h"

namespace pangu {

Context::Context(const ContextOptions& options)
    : device_(cpu_device()),
      threads_(options.threads),
      isa_(options.isa),
      dtype_(options.dtype),
      pool_(device_) {
  if (dtype_ != DType::kF32 && dtype_ != DType::kBF16) {
    fail<ConfigError>("[dtype] activations cannot be {}; use f32 or bf16.", name(dtype_));
  }
}

Tensor Context::empty(Shape shape, DType dtype) {
  const auto bytes = static_cast<std::size_t>(shape.count()) * size_bytes(dtype);
  return {pool_.take(bytes), shape, dtype};
}

}  // namespace pangu
