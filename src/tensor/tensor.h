// SPDX-License-Identifier: Apache-2.0
// An eager N-d array on a device: a typed, strided view of a shared buffer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace pangu {

/// The storage type of a dtype, checked where typed pointers are taken.
template <class T>
inline constexpr DType kDTypeOf = DType::kU8;
template <>
inline constexpr DType kDTypeOf<float> = DType::kF32;
template <>
inline constexpr DType kDTypeOf<bf16> = DType::kBF16;
template <>
inline constexpr DType kDTypeOf<f16> = DType::kF16;
template <>
inline constexpr DType kDTypeOf<std::int32_t> = DType::kI32;

/// Shares its buffer when copied. The last axis is always contiguous; outer ones may have larger
/// strides, as the columns of a fused projection do.
class Tensor {
 public:
  Tensor() = default;
  /// Contiguous view of the start of `buffer`. Throws ShapeError if it is too small.
  Tensor(std::shared_ptr<Buffer> buffer, Shape shape, DType dtype);

  const Shape& shape() const { return shape_; }
  int64_t dim(int i) const { return shape_[i]; }
  int rank() const { return shape_.rank(); }
  int64_t count() const { return shape_.count(); }
  DType dtype() const { return dtype_; }
  /// Elements between neighbours along axis `i`.
  int64_t stride(int i) const { return strides_[static_cast<std::size_t>(i < 0 ? i + rank() : i)]; }
  bool is_contiguous() const;
  bool defined() const { return buffer_ != nullptr; }

  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }
  /// The same view of another buffer, element for element, whose elements are `dtype`. Throws
  /// ShapeError if the view does not fit.
  Tensor over(std::shared_ptr<Buffer> buffer, DType dtype) const;

  /// Address of the first element in the memory of its device; null where undefined.
  std::byte* address() const { return buffer_ ? buffer_->address() + offset_ : nullptr; }
  /// Bytes from the first element to the last, those between strided rows included.
  std::size_t span_bytes() const;
  /// The same elements and strides in other memory, from the beginning of a new buffer on.
  Tensor copy_to(std::shared_ptr<Memory> memory) const;

  /// Pointer to the first element for the host. Throws Unsupported where the host cannot read the
  /// memory of the device: to_host() of ops/host.h makes a copy.
  std::byte* raw() const {
    if (buffer_ && !buffer_->is_host()) fail_for_host();
    return address();
  }
  /// The same, typed. Throws ShapeError if T is not the storage type.
  template <class T>
  T* data() const {
    if (kDTypeOf<T> != dtype_) {
      fail<ShapeError>("[tensor] {} elements were asked for, but the tensor {} holds {}.",
                       name(kDTypeOf<T>), shape_, name(dtype_));
    }
    return reinterpret_cast<T*>(raw());
  }

  /// Rows [begin, begin + n) along the first axis.
  Tensor rows(int64_t begin, int64_t n) const;
  /// Columns [begin, begin + n) of the last axis.
  Tensor columns(int64_t begin, int64_t n) const;
  /// The last axis split in two: [.., a * b] seen as [.., a, b].
  Tensor split_last(int64_t a, int64_t b) const;
  /// Another shape with the same elements. Throws ShapeError unless contiguous and of equal count.
  Tensor view(Shape shape) const;

 private:
  [[noreturn]] void fail_for_host() const;

  std::shared_ptr<Buffer> buffer_;
  std::size_t offset_ = 0;
  Shape shape_;
  std::array<int64_t, Shape::kMaxRank> strides_{};
  DType dtype_ = DType::kF32;
};

}  // namespace pangu
