// SPDX-License-Identifier: Apache-2.0
#include "ops/host.h"

#include "devices/cpu/cpu_device.h"

namespace pangu {
namespace {

void require_contiguous(const Tensor& x) {
  if (!x.is_contiguous()) fail<ShapeError>("[host] {} is strided.", x.shape());
}

}  // namespace

Tensor to_host(const Tensor& x) {
  return !x.defined() || x.buffer()->is_host() ? x : x.copy_to(cpu_device());
}

void copy_from_host(const Tensor& to, std::span<const float> values) {
  require_contiguous(to);
  if (to.dtype() != DType::kF32 || to.count() != std::ssize(values)) {
    fail<ShapeError>("[host] {} f32 elements for {} of {}.", values.size(), to.shape(),
                     name(to.dtype()));
  }
  if (values.empty()) return;
  to.buffer()->memory().copy_from_host(to.address(), values.data(), values.size_bytes());
}

void fill_zero(const Tensor& x) {
  require_contiguous(x);
  if (x.count() > 0) x.buffer()->memory().fill_zero(x.address(), x.span_bytes());
}

void Mirror::download() const {
  if (is_shared()) return;
  device_.buffer()->memory().copy_to_host(host_.raw(), device_.address(), device_.span_bytes());
}

void Mirror::upload() const {
  if (!is_shared()) copy_from_host(device_, values());
}

}  // namespace pangu
