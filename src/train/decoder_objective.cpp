// SPDX-License-Identifier: Apache-2.0
#include "train/decoder_objective.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/json.h"
#include "models/config/generation_config.h"
#include "models/parameter_count.h"
#include "models/weights/trainable_model.h"
#include "ops/loss.h"
#include "train/document_rows.h"
#include "train/zero_mask.h"

namespace pangu {
namespace {

TrainableModel make_decoder(const DecoderObjectiveOptions& options, Context& ctx) {
  if (!options.checkpoint) {
    return {options.config,
            {.seed = options.seed, .kind = options.initializer, .std = options.initializer_range},
            ctx};
  }
  const Checkpoint checkpoint = Checkpoint::open(*options.checkpoint);
  const auto source = checkpoint_source(checkpoint, options.config.quantization);
  return {options.config, *source, ctx};
}

std::span<float> floats(const Tensor& x) {
  return {x.data<float>(), static_cast<std::size_t>(x.count())};
}

class DecoderObjective final : public Objective {
 public:
  DecoderObjective(const DecoderObjectiveOptions& options, Context& ctx)
      : ctx_(ctx),
        recompute_(options.recompute_layers),
        distiller_(options.distiller),
        model_(make_decoder(options, ctx)) {
    for (const TrainableTensor& t : model_.tensors()) {
      const bool is_embedding = t.spec.role == TensorRole::kEmbedding;
      parameters_.push_back(
          {.name = t.spec.name,
           .shape = t.value.shape(),
           .value = floats(t.value),
           .grad = floats(t.grad),
           .decay = t.spec.is_matrix() && (!is_embedding || options.decay_embeddings),
           .is_hidden_matrix = t.spec.is_matrix() && t.spec.layer != kNoLayer});
      count(t);
    }
    if (options.keep_zeros) zeros_.emplace(parameters_);
  }

  std::span<Parameter> parameters() override { return parameters_; }

  double accumulate(const TokenBatch& from, double weight) override {
    const DocumentRows rows(from);
    if (rows.targets.empty()) return 0;
    Tape tape(recompute_);
    model_.track(tape);
    const TapeScope on(ctx_, &tape);
    const double loss = loss_of(from, rows, static_cast<float>(weight));
    tape.backward(ctx_);
    model_.take_gradients();
    return loss;
  }

  double evaluate(const TokenBatch& from) override {
    const DocumentRows rows(from);
    return rows.targets.empty() ? 0 : loss_of(from, rows, 0.0f);
  }

  void parameters_changed() override {
    if (zeros_) zeros_->apply(parameters_);
    model_.repack(ctx_);
  }

  double flops(const TokenBatch& batch) const override {
    const ModelConfig& c = config();
    double pairs = 0;  // of a query and a key that it sees: position p sees p + 1
    for (const std::int32_t position : batch.positions) pairs += position + 1.0;
    const auto width = static_cast<double>(c.n_layers * c.n_heads * c.head_dim);
    return 6 * layer_weights_ * static_cast<double>(batch.size()) +
           6 * head_weights_ * static_cast<double>(batch.target_count()) + 12 * width * pairs;
  }

  std::int64_t vocabulary() const override { return config().vocab_size; }

  void save_model(const std::filesystem::path& folder, DType dtype) override {
    model_.save(folder, dtype);
    const GenerationConfig generation{.bos_token_id = config().bos_token_id,
                                      .eos_token_ids = config().eos_token_ids,
                                      .pad_token_id = config().pad_token_id};
    write_json(folder / "generation_config.json", to_json(generation));
  }

 private:
  const ModelConfig& config() const { return model_.model().config(); }

  /// Adds the weights of a matrix to those that products run over; an embedding is looked up.
  void count(const TrainableTensor& t) {
    const bool is_looked_up =
        t.spec.role == TensorRole::kEmbedding && !config().tie_word_embeddings;
    if (!t.spec.is_matrix() || is_looked_up) return;
    const bool is_head = t.spec.layer == kNoLayer;
    (is_head ? head_weights_ : layer_weights_) += static_cast<double>(t.value.count());
  }

  double loss_of(const TokenBatch& from, const DocumentRows& rows, float weight) {
    // The teacher comes first: what it needs for a while is free again for the student.
    const TeacherOutputs outputs =
        distiller_ ? distiller_->teacher_outputs(from, rows) : TeacherOutputs{};
    const Tensor hidden = model_.model().hidden_states(rows.batch, ctx_);
    const Linear& head = model_.model().head();
    if (distiller_) return distiller_->loss(outputs, {hidden, head, rows.targets}, weight);
    return ops::cross_entropy(hidden, head, rows.targets, weight, ctx_);
  }

  Context& ctx_;
  bool recompute_;
  Distiller* distiller_;
  TrainableModel model_;
  std::vector<Parameter> parameters_;
  std::optional<ZeroMask> zeros_;  ///< of a model that is to stay sparse
  double layer_weights_ = 0, head_weights_ = 0;
};

}  // namespace

MemoryEstimate estimate_training_memory(const ModelConfig& c, const MemoryUse& use) {
  constexpr std::int64_t kFloat = sizeof(float);
  const auto product = static_cast<std::int64_t>(size_bytes(use.dtype));  // what enters products
  const std::int64_t E = c.hidden_size, Q = c.n_heads * c.head_dim, K = c.n_kv_heads * c.head_dim;
  MemoryEstimate e;
  e.parameters = parameter_count(c).total();
  e.weights = e.gradients = kFloat * e.parameters;
  e.moments = 2 * kFloat * e.parameters;
  if (use.optimizer == OptimizerOptions::Kind::kMuon) {
    e.moments -= kFloat * (parameter_count(c).attention + parameter_count(c).mlp);
  }
  // What the way back through a layer reads: its input and the sum after attention; both of them
  // normalized; q, k, v, the rotated q and k and the result of attention, which products take
  // rounded; gate and up, and their product.
  std::int64_t all = 0, widest = 0, gradients = 0;
  for (const std::int64_t F : c.intermediate_size) {
    const std::int64_t rounded = use.dtype == DType::kF32 ? 0 : product * Q;
    const std::int64_t layer = 2 * kFloat * E + 2 * product * E + kFloat * (3 * Q + 3 * K) +
                               rounded + 2 * kFloat * F + product * F;
    // What each branch adds, before and after its norm.
    const std::int64_t with_norms = layer + (c.sandwich_norm ? 4 * kFloat * E : 0);
    all += with_norms;
    widest = std::max(widest, with_norms);
    gradients = std::max(gradients, kFloat * (3 * F + 2 * E));
  }
  const std::int64_t kept = use.recompute_layers ? kFloat * E * c.n_layers + widest : all;
  e.activations = use.tokens * (kept + gradients + 2 * (kFloat + product) * E);
  const std::int64_t chunk = std::min(use.tokens, ops::loss_rows(c.vocab_size));
  e.working = product * e.parameters + kFloat * chunk * c.vocab_size;
  return e;
}

std::unique_ptr<Objective> make_decoder_objective(const DecoderObjectiveOptions& options,
                                                  Context& ctx) {
  return std::make_unique<DecoderObjective>(options, ctx);
}

}  // namespace pangu
