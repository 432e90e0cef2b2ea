// SPDX-License-Identifier: Apache-2.0
// The smallest language model that learns: the next token from the last one. For tests of the loop.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/counter_rng.h"
#include "base/error.h"
#include "io/atomic_file.h"
#include "io/safetensors.h"
#include "train/objective.h"

namespace pangu::test {

/// logits = table[token] + bias; the loss is softmax cross-entropy.
class BigramObjective final : public Objective {
 public:
  explicit BigramObjective(std::int64_t vocabulary, std::uint64_t seed = 1)
      : vocabulary_(vocabulary),
        table_(static_cast<std::size_t>(vocabulary * vocabulary)),
        table_grad_(table_.size()),
        bias_(static_cast<std::size_t>(vocabulary)),
        bias_grad_(bias_.size()) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      table_[i] = static_cast<float>(0.1 * (uniform(seed, i, RandomStream::kInitialWeight) - 0.5));
    }
    parameters_ = {{.name = "model.table.weight",
                    .shape = {vocabulary, vocabulary},
                    .value = table_,
                    .grad = table_grad_,
                    .decay = true},
                   {.name = "model.bias",
                    .shape = {vocabulary},
                    .value = bias_,
                    .grad = bias_grad_,
                    .decay = false}};
  }

  std::span<Parameter> parameters() override { return parameters_; }

  double accumulate(const TokenBatch& batch, double weight) override {
    return sum_losses(
        batch, [&](std::size_t row, std::size_t j, double probability, bool is_target) {
          const auto g = static_cast<float>(weight * (probability - (is_target ? 1 : 0)));
          table_grad_[row + j] += g;
          bias_grad_[j] += g;
        });
  }
  double evaluate(const TokenBatch& batch) override {
    return sum_losses(batch, [](std::size_t, std::size_t, double, bool) {});
  }
  double flops(const TokenBatch& batch) const override {
    return 6.0 * static_cast<double>(batch.size()) * static_cast<double>(vocabulary_);
  }
  std::int64_t vocabulary() const override { return vocabulary_; }

  void save_model(const std::filesystem::path& folder, DType) override {
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& p : parameters_) {
      std::vector<std::int64_t> shape;
      for (int i = 0; i < p.shape.rank(); ++i) shape.push_back(p.shape[i]);
      entries.push_back({.name = p.name,
                         .dtype = DType::kF32,
                         .shape = shape,
                         .data = std::as_bytes(std::span<const float>(p.value))});
    }
    write_safetensors(folder / "model.safetensors", entries);
    write_file_atomically(folder / "config.json", "{}\n");
  }

  void parameters_changed() override { ++changes; }

  int changes = 0;
  /// What accumulate() and evaluate() add to every sum: for losses that run away.
  double surplus = 0;

 private:
  template <class F>
  double sum_losses(const TokenBatch& batch, F&& each) {
    double sum = surplus;
    const auto n = static_cast<std::size_t>(vocabulary_);
    std::vector<double> p(n);
    for (std::size_t t = 0; t < batch.size(); ++t) {
      if (batch.targets[t] == kNoTarget) continue;
      const std::size_t row = static_cast<std::size_t>(batch.tokens[t]) * n;
      double total = 0;
      for (std::size_t j = 0; j < n; ++j)
        total += p[j] = std::exp(double{table_[row + j]} + bias_[j]);
      for (std::size_t j = 0; j < n; ++j) {
        p[j] /= total;
        each(row, j, p[j], static_cast<std::size_t>(batch.targets[t]) == j);
      }
      sum -= std::log(p[static_cast<std::size_t>(batch.targets[t])]);
    }
    return sum;
  }

  std::int64_t vocabulary_;
  std::vector<float> table_, table_grad_, bias_, bias_grad_;
  std::vector<Parameter> parameters_;
};

}  // namespace pangu::test
