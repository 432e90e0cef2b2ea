// SPDX-License-Identifier: Apache-2.0
// Reverse-mode differentiation, define by run: while a context has a tape, every op notes how the
// gradient of its result flows to its inputs; backward() goes through the notes from the end.
//
//   Tape tape;
//   tape.track(matrix, value, grad);            // gradients of parameters are added to `grad`
//   const TapeScope on(ctx, &tape);
//   const double loss = ops::cross_entropy(decoder.hidden_states(batch, ctx), head, targets, ...);
//   tape.backward(ctx);
//
// Gradients are f32, whatever the type of the values. Only what leads back to a tracked parameter
// gets one. Without a tape nothing is noted and nothing is kept.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <unordered_map>
#include <vector>

#include "ops/context.h"
#include "quant/packed_matrix.h"

namespace pangu {

/// A matrix whose gradient is wanted: the f32 values that its packed form was made from, or
/// undefined where the packed form is to serve, and the gradient; both [rows, k] with contiguous
/// rows.
struct MatrixGradient {
  Tensor value, grad;
};

class Tape {
 public:
  /// Given the gradient of the op's result, contiguous and no longer needed by others, adds to
  /// those of its inputs.
  using Backward = std::function<void(const Tensor& dy, Context& ctx)>;

  /// With `recompute_layers`, models keep only the input of each layer and run the layer again on
  /// the way back: less memory for a third more arithmetic.
  explicit Tape(bool recompute_layers = false) : recompute_layers_(recompute_layers) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// Declares a parameter. Throws ShapeError if the gradient is not f32 of the same shape.
  void track(const Tensor& parameter, const Tensor& grad);
  /// `value` may be undefined: less memory, and more work on the way back.
  void track(const PackedMatrix& parameter, const Tensor& value, const Tensor& grad);
  /// What was declared for a matrix, or null: it is frozen.
  const MatrixGradient* find(const PackedMatrix& matrix) const;

  /// Notes an op. `result` is all of a fresh buffer.
  void record(const Tensor& result, Backward backward);

  /// Whether gradients of x lead anywhere: x is a parameter, or a view of a noted result.
  bool wants(const Tensor& x) const;

  /// Where the gradient of x goes, in the shape and strides of x: added if `accumulate`, else
  /// written in full. For an x that is not wanted, memory that nobody reads.
  struct Slot {
    Tensor grad;
    bool accumulate;
  };
  Slot slot(const Tensor& x, Context& ctx);
  /// The same, always to be added to.
  Tensor sum_slot(const Tensor& x, Context& ctx);
  /// Adds a whole gradient that nobody else needs.
  void give(const Tensor& x, const Tensor& dx, Context& ctx);

  /// Runs the notes from the last down to number `mark`, and forgets them. Results without a
  /// gradient are skipped.
  void backward(Context& ctx, std::size_t mark = 0);
  std::size_t size() const { return notes_.size(); }
  bool recomputes_layers() const { return recompute_layers_; }

 private:
  struct Note {
    Tensor result;
    Backward backward;
  };

  bool recompute_layers_;
  std::vector<Note> notes_;
  std::unordered_map<const Buffer*, Tensor> results_;  ///< the noted results, by their buffers
  std::unordered_map<const Buffer*, Tensor> grads_;    ///< of results, while they are known
  std::unordered_map<const Buffer*, Tensor> parameters_;
  std::unordered_map<const Buffer*, MatrixGradient> matrices_;
};

/// Sets a context's tape, or none, for the length of a block.
class TapeScope {
 public:
  TapeScope(Context& ctx, Tape* tape) : ctx_(ctx), before_(ctx.tape()) { ctx.set_tape(tape); }
  ~TapeScope() { ctx_.set_tape(before_); }
  TapeScope(const TapeScope&) = delete;
  TapeScope& operator=(const TapeScope&) = delete;

 private:
  Context& ctx_;
  Tape* before_;
};

namespace ops {

/// The context's tape if gradients of any of these lead anywhere, or null.
Tape* recording(Context& ctx, std::initializer_list<const Tensor*> inputs);

/// y = f(x), of which the tape keeps x alone: the notes of f are made again, from x, when the
/// gradient of y is known. f must be repeatable, and hold no reference that ends before backward().
/// Source: Chen et al. 2016, arXiv:1604.06174.
Tensor checkpoint(const Tensor& x, const std::function<Tensor(const Tensor&)>& f, Context& ctx);

}  // namespace ops
}  // namespace pangu
