// SPDX-License-Identifier: Apache-2.0
#include "train/distill_config.h"

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "io/locate_model.h"
#include "models/model_files.h"
#include "train/config_keys.h"

namespace pangu {
namespace {

std::int64_t longest_row(const DistillSettings& s) {
  constexpr std::int64_t kLongest = 1024;
  return std::min({kLongest, read_model_config(locate_model(s.student)).max_position_embeddings,
                   ModelFiles::open(s.teacher).config.max_position_embeddings});
}

}  // namespace

TrainConfig distill_config(const DistillSettings& s) {
  const auto or_null = [](const auto& value) { return value ? Json(*value) : Json(); };
  Json json{{"model", {{"from", s.student}}},
            {"data",
             {{"train", s.data},
              {"validation", s.validation},
              {"sequence_length", s.length ? *s.length : longest_row(s)}}},
            {"batch", {{"rows", s.rows}, {"accumulate", s.accumulate}}},
            {"optimizer",
             {{"learning_rate", s.learning_rate},
              {"beta2", 0.999},
              {"eps", 1e-6},
              {"weight_decay", 0.01}}},
            {"schedule", {{"kind", "linear"}, {"min_ratio", 0.0}}},
            {"distill",
             {{"teacher", s.teacher},
              {"temperature", s.temperature},
              {"ce_weight", s.ce_weight},
              {"hidden_weight", s.hidden_weight},
              {"cache", or_null(s.cache)},
              {"top_k", s.top_k}}},
            {"steps", or_null(s.steps)},
            {"epochs", s.steps ? Json() : Json(s.epochs)},
            {"seed", s.seed},
            {"validate", {{"every", 50}}},
            {"output", s.output}};
  JsonOrigin origin{.options = s.options};
  for (const std::string& assignment : s.overrides) {
    origin.options.insert_or_assign(set_config_key(json, assignment), clipped(assignment));
  }
  return parse_train_config(json, "pangu distill", std::move(origin));
}

}  // namespace pangu
