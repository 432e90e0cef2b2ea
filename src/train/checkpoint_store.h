// SPDX-License-Identifier: Apache-2.0
// The checkpoints of a run: folders from which it goes on as if it had never stopped.
//
// OUT/checkpoints/step-000123/ holds what Objective::save_model() writes, so that any program can
// load it as a model, and besides
//   optimizer.safetensors  f32: master.NAME, exp_avg.NAME, exp_avg_sq.NAME of every parameter
//                          (the last not for matrices that Muon trains)
//   trainer_state.json     step, running sums, the config and the digest of the data; and of each
//                          file beside it
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/json.h"
#include "train/objective.h"
#include "train/parameter.h"

namespace pangu {

/// What a run knows besides parameters and moments.
struct TrainerState {
  std::int64_t step = 0;                  ///< steps that are done
  std::optional<std::int64_t> rows;       ///< of the stream that they took; absent in older files
  std::int64_t tokens = 0;                ///< read so far, all ranks
  std::int64_t targets = 0;               ///< with a loss
  double loss = 0;                        ///< of the last step
  double running_loss = 0;                ///< mean of recent steps, for noticing divergence
  std::optional<double> validation_loss;  ///< the last one
  std::uint64_t data_digest = 0;
  /// file_digest() of the checkpoint's other files, by name; empty in older ones. Written by
  /// save_checkpoint().
  std::map<std::string, std::string> file_digests;
  Json config;  ///< what must not change on resume: TrainConfig::resume_settings()
};

struct Checkpoints {
  std::filesystem::path folder;  ///< OUT/checkpoints
  std::int64_t keep = 2;         ///< how many stay
};

/// Steps that have a folder, rising. Others' files and folders are let be.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& folder);

/// "step-000123" in the folder.
std::filesystem::path checkpoint_path(const std::filesystem::path& folder, std::int64_t step);

/// Removes what a killed process left unfinished in a folder (".pangu-*.tmp").
void remove_unfinished(const std::filesystem::path& folder);

/// Writes a checkpoint, which appears complete or not at all, then removes the oldest beyond
/// `keep`. `save_model` fills the new folder with what makes it a model. Where the
/// step has one already, nothing is written. Throws FileError if it cannot be written; those before
/// it then stay.
void save_checkpoint(const Checkpoints& checkpoints, const TrainerState& state,
                     std::span<const Parameter> parameters, std::span<const Moments> moments,
                     const std::function<void(const std::filesystem::path&)>& save_model);

/// Reads trainer_state.json of a checkpoint. Throws FileError or ConfigError for a damaged one.
TrainerState read_trainer_state(const std::filesystem::path& checkpoint);

/// Throws FileError naming a file of a checkpoint that is missing, or holds other bytes than were
/// written.
void require_undamaged(const std::filesystem::path& checkpoint, const TrainerState& state);

/// Whether nothing is missing or damaged in a checkpoint.
bool is_readable_checkpoint(const std::filesystem::path& checkpoint);

/// Reads masters and moments. Throws FileError for a damaged file; ShapeError naming the tensor for
/// a checkpoint of another model.
void load_checkpoint(const std::filesystem::path& checkpoint, std::span<Parameter> parameters,
                     std::span<Moments> moments);

}  // namespace pangu
