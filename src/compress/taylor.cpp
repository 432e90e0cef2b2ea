// SPDX-License-Identifier: Apache-2.0
#include "compress/taylor.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "models/weights/load.h"
#include "ops/host.h"
#include "ops/loss.h"
#include "ops/tape.h"
#include "train/decoder_objective.h"
#include "train/document_rows.h"

namespace pangu::compress {
namespace {

/// A part of a layer's packed matrix, with its gradient.
struct Tracked {
  TensorSpec spec;
  PackedMatrix packed;
  std::int64_t first;  ///< row of the packed matrix
  Tensor grad;         ///< of the packed matrix as a whole
};

/// Gradients of the matrices that units consist of.
class GradientStore {
 public:
  GradientStore(const LanguageModel& model, Unit unit, Context& ctx)
      : config_(model.config()), ctx_(ctx) {
    for (std::int64_t l = 0; l < config_.n_layers; ++l) {
      const Linear* added = nullptr;
      for (const TensorSpec& m : unit_matrices(config_, unit, l)) {
        const Linear& linear = model.product(l, m.input);
        if (&linear != std::exchange(added, &linear)) {
          add(linear, fused_matrices(config_, l, m.input));
        }
      }
    }
  }

  void track(Tape& tape) const {
    for (const auto& [packed, grad] : matrices_) tape.track(packed, {}, grad);
  }

  UnitSums sums(std::int64_t layer, Unit unit) const {
    const std::int64_t units = unit_count(config_, unit, layer);
    UnitSums sums{.in = std::vector<double>(static_cast<std::size_t>(units)), .out = {}};
    sums.out = sums.in;
    for (const Tracked& t : tracked_) {
      if (t.spec.layer == layer) add_to_units(config_, unit, t.spec, products(t), sums);
    }
    return sums;
  }

 private:
  void add(const Linear& linear, const std::vector<TensorSpec>& matrices) {
    auto next = matrices.begin();
    for (const PackedMatrix& packed : linear.parts) {
      const Tensor grad = ctx_.zeros({packed.rows(), packed.k()}, DType::kF32);
      matrices_.emplace_back(packed, grad);
      for (std::int64_t first = 0; first < packed.rows(); ++next) {
        tracked_.push_back({*next, packed, first, grad});
        first += next->rows;
      }
    }
  }

  std::vector<float> products(const Tracked& t) const {
    const std::int64_t k = t.spec.k;
    std::vector<float> out(static_cast<std::size_t>(t.spec.count()));
    const Tensor grads = to_host(t.grad);
    ctx_.threads().parallel_for(t.spec.rows, 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        float* const row = out.data() + r * k;
        const float* const grad = grads.data<float>() + (t.first + r) * k;
        t.packed.unpack_row(t.first + r, row);
        for (std::int64_t c = 0; c < k; ++c) row[c] = std::fabs(row[c] * grad[c]);
      }
    });
    return out;
  }

  const ModelConfig& config_;
  Context& ctx_;
  std::vector<std::pair<PackedMatrix, Tensor>> matrices_;
  std::vector<Tracked> tracked_;
};

/// Whether the activations of the longest sequence would take more than a small part of memory.
/// Running layers again on the way back costs a third more time, and changes no bit.
bool should_recompute(const ModelConfig& config, std::span<const TokenBatch> sequences,
                      const Context& ctx) {
  constexpr std::int64_t kParts = 8;
  std::size_t longest = 0;
  for (const TokenBatch& s : sequences) longest = std::max(longest, s.size());
  const MemoryEstimate need = estimate_training_memory(
      config, {.dtype = ctx.dtype(), .tokens = static_cast<std::int64_t>(longest)});
  return need.activations > total_memory_bytes() / kParts;
}

/// Adds the gradients of one sequence. Returns its loss.
double backward(const LanguageModel& model, const GradientStore& gradients,
                const TokenBatch& sequence, double weight, bool recompute, Context& ctx) {
  const DocumentRows rows(sequence);
  if (rows.targets.empty()) return 0;
  Tape tape(recompute);
  gradients.track(tape);
  const TapeScope on(ctx, &tape);
  const Tensor hidden = model.hidden_states(rows.batch, ctx);
  const double loss =
      ops::cross_entropy(hidden, model.head(), rows.targets, static_cast<float>(weight), ctx);
  tape.backward(ctx);
  return loss;
}

}  // namespace

std::vector<UnitSums> taylor_sums(const ModelConfig& config, WeightSource& source, Unit unit,
                                  std::span<const TokenBatch> sequences, const ProgressFn& progress,
                                  Context& ctx) {
  const auto model =
      load_language_model(config, source, {.formats = {}, .progress = progress}, ctx);
  const GradientStore gradients(*model, unit, ctx);
  std::int64_t targets = 0;
  for (const TokenBatch& s : sequences) targets += s.target_count();
  const bool recompute = should_recompute(config, sequences, ctx);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const double loss = backward(*model, gradients, sequences[i],
                                 1.0 / static_cast<double>(targets), recompute, ctx);
    if (!std::isfinite(loss)) {
      fail<NumericError>(
          "[prune] the loss of calibration sequence {} is {}. Are the weights sound? `pangu eval "
          "--task ppl` shows.",
          i, loss);
    }
    if (progress) progress("gradients", static_cast<std::int64_t>(i) + 1, std::ssize(sequences));
  }
  std::vector<UnitSums> out;
  for (std::int64_t l = 0; l < config.n_layers; ++l) {
    out.push_back(gradients.sums(l, unit));
  }
  return out;
}

}  // namespace pangu::compress
