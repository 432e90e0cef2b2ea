// SPDX-License-Identifier: Apache-2.0
#include "ops/tape.h"

#include <utility>

#include "ops/add.h"
#include "ops/host.h"

namespace pangu {
namespace {

void check_gradient(const Shape& shape, const Tensor& grad) {
  if (grad.shape() != shape || grad.dtype() != DType::kF32 || !grad.is_contiguous()) {
    fail<ShapeError>(
        "[tape] the gradient of a parameter {} is {} of {}; f32 of the same shape, "
        "contiguous, is needed.",
        shape, grad.shape(), name(grad.dtype()));
  }
}

bool same_elements(const Tensor& x, const Tensor& whole) {
  return x.address() == whole.address() && x.count() == whole.count() && x.is_contiguous();
}

}  // namespace

void Tape::track(const Tensor& parameter, const Tensor& grad) {
  check_gradient(parameter.shape(), grad);
  parameters_.insert_or_assign(parameter.buffer().get(), grad);
}

void Tape::track(const PackedMatrix& parameter, const Tensor& value, const Tensor& grad) {
  const Shape shape{parameter.rows(), parameter.k()};
  check_gradient(shape, grad);
  if (value.defined()) check_gradient(shape, value);
  matrices_.insert_or_assign(parameter.buffer(), MatrixGradient{value, grad});
}

const MatrixGradient* Tape::find(const PackedMatrix& matrix) const {
  const auto found = matrices_.find(matrix.buffer());
  return found == matrices_.end() ? nullptr : &found->second;
}

void Tape::record(const Tensor& result, Backward backward) {
  results_.insert_or_assign(result.buffer().get(), result);
  notes_.push_back({result, std::move(backward)});
}

bool Tape::wants(const Tensor& x) const {
  return results_.contains(x.buffer().get()) || parameters_.contains(x.buffer().get());
}

Tape::Slot Tape::slot(const Tensor& x, Context& ctx) {
  const Buffer* const key = x.buffer().get();
  if (const auto parameter = parameters_.find(key); parameter != parameters_.end()) {
    return {x.over(parameter->second.buffer(), DType::kF32), true};
  }
  if (const auto known = grads_.find(key); known != grads_.end()) {
    return {x.over(known->second.buffer(), DType::kF32), true};
  }
  const auto result = results_.find(key);
  if (result == results_.end()) return {ctx.empty(x.shape(), DType::kF32), false};
  const Tensor& whole = result->second;
  const Tensor grad = ctx.empty(whole.shape(), DType::kF32);
  const bool is_part = !same_elements(x, whole);
  if (is_part) fill_zero(grad);
  grads_.emplace(key, grad);
  return {x.over(grad.buffer(), DType::kF32), is_part};
}

Tensor Tape::sum_slot(const Tensor& x, Context& ctx) {
  const Slot s = slot(x, ctx);
  if (!s.accumulate) fill_zero(s.grad);
  return s.grad;
}

void Tape::give(const Tensor& x, const Tensor& dx, Context& ctx) {
  const Buffer* const key = x.buffer().get();
  const auto whole = results_.find(key);
  if (whole != results_.end() && !grads_.contains(key) && same_elements(x, whole->second)) {
    grads_.emplace(key, dx.view(whole->second.shape()));
    return;
  }
  const Slot s = slot(x, ctx);
  ops::add_rows(dx, s.grad, s.accumulate, ctx);
}

void Tape::backward(Context& ctx, std::size_t mark) {
  while (notes_.size() > mark) {
    const Note note = std::move(notes_.back());
    notes_.pop_back();
    const Buffer* const key = note.result.buffer().get();
    const auto found = grads_.find(key);
    if (found != grads_.end()) {
      const Tensor dy = found->second;
      grads_.erase(found);
      note.backward(dy, ctx);
    }
    results_.erase(key);
  }
}

namespace ops {

Tape* recording(Context& ctx, std::initializer_list<const Tensor*> inputs) {
  Tape* const tape = ctx.tape();
  if (!tape) return nullptr;
  for (const Tensor* x : inputs) {
    if (x->defined() && tape->wants(*x)) return tape;
  }
  return nullptr;
}

Tensor checkpoint(const Tensor& x, const std::function<Tensor(const Tensor&)>& f, Context& ctx) {
  Tape* const tape = ctx.tape();
  if (!tape || !tape->wants(x)) return f(x);
  Tensor y;
  {
    const TapeScope off(ctx, nullptr);
    y = f(x);
  }
  tape->record(y, [x, f, tape](const Tensor& dy, Context& c) {
    const TapeScope on(c, tape);
    const std::size_t mark = tape->size();
    tape->give(f(x), dy, c);
    tape->backward(c, mark);
  });
  return y;
}

}  // namespace ops
}  // namespace pangu
