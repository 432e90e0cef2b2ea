// SPDX-License-Identifier: Apache-2.0
#include "tensor/tensor.h"

#include <utility>

namespace pangu {
namespace {

std::array<int64_t, Shape::kMaxRank> contiguous_strides(const Shape& shape) {
  std::array<int64_t, Shape::kMaxRank> strides{};
  int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<std::size_t>(i)] = step;
    step *= shape[i];
  }
  return strides;
}

/// `shape` with axis `axis` replaced by the given sizes.
Shape replaced(const Shape& shape, int axis, std::initializer_list<int64_t> sizes) {
  std::array<int64_t, Shape::kMaxRank + 1> dims{};
  std::size_t n = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    if (i == axis) {
      for (const int64_t s : sizes) dims[n++] = s;
    } else {
      dims[n++] = shape[i];
    }
  }
  switch (n) {
    case 1:
      return {dims[0]};
    case 2:
      return {dims[0], dims[1]};
    case 3:
      return {dims[0], dims[1], dims[2]};
    case 4:
      return {dims[0], dims[1], dims[2], dims[3]};
    default:
      fail<ShapeError>("[tensor] {} cannot be split into {} axes.", shape, n);
  }
}

}  // namespace

Tensor::Tensor(std::shared_ptr<Buffer> buffer, Shape shape, DType dtype)
    : buffer_(std::move(buffer)),
      shape_(shape),
      strides_(contiguous_strides(shape)),
      dtype_(dtype) {
  const std::size_t needed = static_cast<std::size_t>(shape.count()) * size_bytes(dtype);
  if (needed > buffer_->bytes()) {
    fail<ShapeError>("[tensor] {} of {} needs {} bytes, but the buffer has {}.", shape, name(dtype),
                     needed, buffer_->bytes());
  }
}

bool Tensor::is_contiguous() const {
  const auto expected = contiguous_strides(shape_);
  for (int i = 0; i < rank(); ++i) {
    if (shape_[i] > 1 && stride(i) != expected[static_cast<std::size_t>(i)]) return false;
  }
  return true;
}

Tensor Tensor::over(std::shared_ptr<Buffer> buffer, DType dtype) const {
  Tensor out = *this;
  out.buffer_ = std::move(buffer);
  out.dtype_ = dtype;
  out.offset_ = offset_ / size_bytes(dtype_) * size_bytes(dtype);
  if (out.offset_ + out.span_bytes() > out.buffer_->bytes()) {
    fail<ShapeError>("[tensor] the view {} of {} does not fit a buffer of {} bytes.", shape_,
                     name(dtype), out.buffer_->bytes());
  }
  return out;
}

std::size_t Tensor::span_bytes() const {
  if (count() == 0) return 0;
  std::size_t end = 1;
  for (int i = 0; i < rank(); ++i) end += static_cast<std::size_t>((shape_[i] - 1) * stride(i));
  return end * size_bytes(dtype_);
}

Tensor Tensor::copy_to(std::shared_ptr<Memory> memory) const {
  const std::size_t bytes = span_bytes();
  Tensor out = *this;
  out.buffer_ = allocate_buffer(std::move(memory), bytes);
  out.offset_ = 0;
  if (bytes == 0) return out;
  if (out.buffer_->is_host()) {
    buffer_->memory().copy_to_host(out.address(), address(), bytes);
  } else {
    out.buffer_->memory().copy_from_host(out.address(), raw(), bytes);
  }
  return out;
}

void Tensor::fail_for_host() const {
  fail<Unsupported>("[tensor] {} of {} lies in the memory of {}, which the host cannot read.",
                    shape_, name(dtype_), buffer_->memory().name());
}

Tensor Tensor::rows(int64_t begin, int64_t n) const {
  if (rank() < 1 || begin < 0 || n < 0 || begin + n > dim(0)) {
    fail<ShapeError>("[tensor] rows {} to {} are not within {}.", begin, begin + n, shape_);
  }
  Tensor out = *this;
  out.shape_ = replaced(shape_, 0, {n});
  out.offset_ += static_cast<std::size_t>(begin * stride(0)) * size_bytes(dtype_);
  return out;
}

Tensor Tensor::columns(int64_t begin, int64_t n) const {
  if (rank() < 1 || begin < 0 || n < 0 || begin + n > dim(-1)) {
    fail<ShapeError>("[tensor] columns {} to {} are not within {}.", begin, begin + n, shape_);
  }
  Tensor out = *this;
  out.shape_ = replaced(shape_, rank() - 1, {n});
  out.offset_ += static_cast<std::size_t>(begin) * size_bytes(dtype_);
  return out;
}

Tensor Tensor::split_last(int64_t a, int64_t b) const {
  if (rank() < 1 || a * b != dim(-1)) {
    fail<ShapeError>("[tensor] the last axis of {} cannot be seen as [{}, {}].", shape_, a, b);
  }
  Tensor out = *this;
  out.shape_ = replaced(shape_, rank() - 1, {a, b});
  const auto last = static_cast<std::size_t>(rank() - 1);
  out.strides_[last] = b;
  out.strides_[last + 1] = 1;
  return out;
}

Tensor Tensor::view(Shape shape) const {
  if (!is_contiguous() || shape.count() != count()) {
    fail<ShapeError>("[tensor] {} cannot be seen as {}: the counts differ or it is strided.",
                     shape_, shape);
  }
  Tensor out = *this;
  out.shape_ = shape;
  out.strides_ = contiguous_strides(shape);
  return out;
}

}  // namespace pangu
