// SPDX-License-Identifier: Apache-2.0
// Between the memory of a device and the host's. Where the host can read the device, nothing is
// copied.
#pragma once

#include <span>

#include "ops/context.h"

namespace pangu {

/// x where the host can read it: x itself, or a copy with the same strides.
Tensor to_host(const Tensor& x);

/// Overwrites a contiguous tensor. Throws ShapeError unless it has as many elements, of this type.
void copy_from_host(const Tensor& to, std::span<const float> values);

/// Sets all elements of a contiguous tensor to 0.
void fill_zero(const Tensor& x);

/// A tensor of a device and its elements on the host, where they are read and changed; the same
/// memory where the host can reach the device's. Both contiguous f32.
class Mirror {
 public:
  explicit Mirror(Tensor on_device) : device_(std::move(on_device)), host_(to_host(device_)) {}

  const Tensor& on_device() const { return device_; }
  const Tensor& on_host() const { return host_; }
  std::span<float> values() const {
    return {host_.data<float>(), static_cast<std::size_t>(host_.count())};
  }
  /// Brings the host up to date, or the device.
  void download() const;
  void upload() const;

 private:
  bool is_shared() const { return device_.buffer() == host_.buffer(); }

  Tensor device_, host_;
};

}  // namespace pangu
