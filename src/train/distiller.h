// SPDX-License-Identifier: Apache-2.0
// The loss of a student that learns from a teacher, whose outputs are computed or come from a
// cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "ops/distill_loss.h"
#include "train/distill_options.h"
#include "train/document_rows.h"
#include "train/teacher_cache.h"
#include "train/teacher_model.h"

namespace pangu {

/// A teacher's outputs for the learnt tokens of a batch: its states, or its likeliest tokens.
struct TeacherOutputs {
  Tensor hidden;
  std::optional<ops::TopTokens> top;
};

class Distiller {
 public:
  /// With a cache the likeliest tokens of each document come from there, and the teacher runs over
  /// documents that it never saw. Throws what opening the cache throws.
  Distiller(const DistillOptions& options, TeacherModel& teacher, Context& ctx);

  /// The teacher's outputs for a batch, whatever the context's tape. The same document gives the
  /// same bits in every batch.
  TeacherOutputs teacher_outputs(const TokenBatch& batch, const DocumentRows& rows);
  /// The sum over rows of kl t^2 KL + ce CE + hidden_weight MSE (train/distill_options.h). With a
  /// tape, adds `weight` times its gradients.
  double loss(const TeacherOutputs& outputs, const ops::Student& student, float weight);

  const TeacherModel& teacher() const { return teacher_; }
  std::int64_t documents_run() const { return documents_run_; }
  std::int64_t documents_cached() const { return documents_cached_; }

 private:
  ops::TopTokens cached_top_tokens(const TokenBatch& batch);
  void run_missing(const TokenBatch& batch, const std::vector<RecordKey>& keys);

  DistillOptions options_;
  TeacherModel& teacher_;
  Context& ctx_;
  std::unique_ptr<TeacherCache> cache_;  ///< or null
  std::int64_t documents_run_ = 0, documents_cached_ = 0;
};

}  // namespace pangu
