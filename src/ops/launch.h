// SPDX-License-Identifier: Apache-2.0
// How ops run what the device of a context has for them:
//
//   kernels::AddRowsArgs args{.x_stride = x.stride(0), ...};
//   launch(&OpTable::add_rows, args, {reads(args.x, x), updates(args.y, y)}, ctx);
//
// The operands put addresses into the arguments; no op takes an address of a tensor by itself. They
// also say what is read and what is written, so that the CPU can run on copies what a device lacks.
#pragma once

#include <initializer_list>
#include <memory>
#include <type_traits>

#include "ops/context.h"

namespace pangu::ops {

/// An address among the arguments of a kernel, and the memory behind it.
struct Operand {
  void* field;                                 ///< the pointer within the arguments
  void (*set)(void* field, std::byte* value);  ///< writes it
  const Buffer* buffer;                        ///< null: the field is, too
  std::byte* address;
  std::size_t bytes;
  bool is_read, is_written;
};

/// Operands that live in host memory while the CPU runs an op for a device.
class HostCopies {
 public:
  /// Copies what is read, and points the arguments at the copies.
  HostCopies(std::initializer_list<Operand> operands);
  /// Copies back what was written.
  void finish();

 private:
  struct Copy {
    Operand operand;
    std::shared_ptr<Buffer> host;
  };
  std::vector<Copy> copies_;
};

/// Throws ShapeError for an operand in the memory of another device.
void check_operands(std::string_view op, std::initializer_list<Operand> operands,
                    const Context& ctx);

/// The CPU's function for an op.
const OpTable& host_ops();

template <class Args>
void launch(DeviceOp<Args> op, const Args& args, std::initializer_list<Operand> operands,
            Context& ctx) {
  check_operands(op_name(op), operands, ctx);
  if (const DeviceFn<Args> fn = ctx.device().ops().*op) return fn(args, ctx.executor());
  ctx.warn_of_fallback(op_name(op));
  HostCopies copies(operands);
  (host_ops().*op)(args, ctx.executor());
  copies.finish();
}

template <class P>
Operand operand(P*& field, const Buffer* buffer, std::byte* address, std::size_t bytes) {
  const auto set = [](void* at, std::byte* value) {
    *static_cast<P**>(at) = reinterpret_cast<P*>(value);
  };
  set(&field, address);
  return {&field, set, buffer, address, bytes, false, false};
}

/// Throws ShapeError if the elements are not what the field points to; an undefined tensor gives
/// null.
template <class P>
Operand operand(P*& field, const Tensor& x) {
  using T = std::remove_const_t<P>;
  if constexpr (!std::is_void_v<T>) {
    if (x.defined() && x.dtype() != kDTypeOf<T>) {
      fail<ShapeError>("[tensor] {} elements were asked for, but the tensor {} holds {}.",
                       name(kDTypeOf<T>), x.shape(), name(x.dtype()));
    }
  }
  return operand(field, x.buffer().get(), x.address(), x.defined() ? x.span_bytes() : 0);
}

/// The operand from f32 element `first` on.
inline Operand after(Operand o, int64_t first) {
  if (!o.buffer) return o;
  const std::size_t skipped = static_cast<std::size_t>(first) * sizeof(float);
  o.address += skipped;
  o.bytes -= skipped;
  o.set(o.field, o.address);
  return o;
}

/// What a kernel reads, writes in full, or reads and writes.
template <class P>
Operand reads(P*& field, const Tensor& x) {
  Operand out = operand(field, x);
  out.is_read = true;
  return out;
}
inline Operand reads(const std::byte*& field, const PackedMatrix& w) {
  Operand out = operand(field, w.buffer(), w.buffer()->address(), w.bytes());
  out.is_read = true;
  return out;
}
template <class P>
Operand writes(P*& field, const Tensor& y) {
  static_assert(!std::is_const_v<P>);
  Operand out = operand(field, y);
  // The gaps of a strided view are copied back with it.
  out.is_read = y.defined() && !y.is_contiguous();
  out.is_written = true;
  return out;
}
template <class P>
Operand updates(P*& field, const Tensor& y) {
  static_assert(!std::is_const_v<P>);
  Operand out = operand(field, y);
  out.is_read = out.is_written = true;
  return out;
}

}  // namespace pangu::ops
