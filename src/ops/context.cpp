// SPDX-License-Identifier: Apache-2.0
#include "ops/context.h"

#include <utility>

#include "base/log.h"
#include "devices/cpu/cpu_device.h"

namespace pangu {
namespace {

std::shared_ptr<Device>& the_default_device() {
  static std::shared_ptr<Device> device = cpu_device();
  return device;
}

std::size_t bytes_of(const Shape& shape, DType dtype) {
  return static_cast<std::size_t>(shape.count()) * size_bytes(dtype);
}

}  // namespace

std::shared_ptr<Device> default_device() {
  return the_default_device();
}

void set_default_device(std::shared_ptr<Device> device) {
  the_default_device() = std::move(device);
}

Context::Context(const ContextOptions& options)
    : device_(options.device),
      threads_(options.threads, options.nodes ? *options.nodes : memory_nodes()),
      isa_(options.isa),
      dtype_(options.dtype),
      pool_(device_) {
  if (!device_->is_host()) host_pool_.emplace(cpu_device());
  if (dtype_ != DType::kF32 && dtype_ != DType::kBF16) {
    fail<ConfigError>("[dtype] activations cannot be {}; use f32 or bf16.", name(dtype_));
  }
}

Tensor Context::empty(Shape shape, DType dtype) {
  return {pool_.take(bytes_of(shape, dtype)), shape, dtype};
}

Tensor Context::host_empty(Shape shape, DType dtype) {
  if (!host_pool_) return empty(shape, dtype);
  return {host_pool_->take(bytes_of(shape, dtype)), shape, dtype};
}

Tensor Context::zeros(Shape shape, DType dtype) {
  return {allocate_buffer(device_, bytes_of(shape, dtype)), shape, dtype};
}

PackedForm Context::packed_form(WeightFormat format) const {
  return {device_, format, device_->panel_layout(format)};
}

void Context::warn_of_fallback(std::string_view op) {
  if (!fallbacks_.insert(op).second) return;
  log::warning("[{}] the device has no {}; the CPU runs it, on copies.", device_->name(), op);
}

}  // namespace pangu
