// SPDX-License-Identifier: Apache-2.0
// What was measured of a model on a machine: the figures that recommendations are made from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adaptive/profile/variant.h"
#include "pangu/chat.h"
#include "pangu/speculation.h"

namespace pangu::adaptive {

/// What figures depend on and are therefore kept apart by.
struct MachineIdentity {
  std::string processor;  ///< as the system names it
  std::string isa;
  int threads = 0;
  std::string dtype;        ///< of the arithmetic
  std::int64_t memory = 0;  ///< bytes that the process may use; told, not compared

  /// One line without the memory: figures of machines that differ in it are not used.
  std::string key() const;
  bool operator==(const MachineIdentity&) const = default;
};

/// Whose figures: equal ones share what was measured.
struct ProfileIdentity {
  std::string model;  ///< digest of weights, config and tokenizer
  MachineIdentity machine;
  std::string engine;  ///< version of the program and digest of its code
  bool operator==(const ProfileIdentity&) const = default;
};

/// The machine at its best when the figures were taken.
struct MachineSpeed {
  double bandwidth = 0;  ///< bytes read per second
  double peak = 0;       ///< operations per second, in the arithmetic of the original
  bool operator==(const MachineSpeed&) const = default;
};

/// The test items of a kind of task.
struct TaskFigures {
  std::int64_t id = 0;
  std::string kind;        ///< "math"
  std::string name;        ///< "gsm8k: problems.jsonl"
  std::string digest;      ///< of the items and how they are asked
  std::int64_t items = 0;  ///< that may be asked while measuring; others are kept for checks
  double chance = 0;       ///< score of somebody who guesses
  bool operator==(const TaskFigures&) const = default;
};

/// What a loaded variant takes.
struct Footprint {
  double load_s = 0;
  std::int64_t resident_bytes = 0;  ///< of a process with the model and a cache of `positions`
  std::int64_t weight_bytes = 0;
  double position_bytes = 0;  ///< of the cache
  bool operator==(const Footprint&) const = default;
};

/// Tokens per second of one sequence after another (batch 1) or of many together, beside those of
/// the original in the same seconds: ratios last longer than rates on a shared machine.
struct SpeedReading {
  std::int64_t prompt_tokens = 0, batch = 1;
  double prefill = 0, decode = 0;
  /// Of the original; equal to the above where this is the original, 0 where both do not fit.
  double reference_prefill = 0, reference_decode = 0;
  std::string measured;  ///< when, UTC, "2026-11-30T18:00:00Z"
  bool operator==(const SpeedReading&) const = default;
};

/// Kullback-Leibler divergence of the variant's next tokens from the original's, in nats.
struct DivergenceFigures {
  double mean = 0, low = 0, high = 0;  ///< with a 95 % interval
  double same_top = 0;                 ///< share of positions with the same likeliest token
  std::int64_t positions = 0;
  bool operator==(const DivergenceFigures&) const = default;
};

struct VariantFigures {
  std::int64_t id = 0;
  Variant variant;
  std::string source_digest;  ///< of the weights of Variant::source; empty for the model itself
  std::optional<Footprint> footprint;
  std::vector<SpeedReading> speed;
  std::optional<DivergenceFigures> divergence;

  /// Whether it has what a choice needs of it: a footprint and a reading of one sequence.
  bool knows_speed() const;
  bool operator==(const VariantFigures&) const = default;
};

/// One answered item.
struct AnswerFigures {
  std::int64_t item = 0;  ///< its number within the task
  double value = 0;       ///< 1: right
  std::int64_t prompt_tokens = 0, reply_tokens = 0;
  bool operator==(const AnswerFigures&) const = default;
};

/// What a variant answered to the items of a task.
struct AnswerSet {
  std::int64_t task = 0, variant = 0;  ///< ids
  Thinking thinking = Thinking::kDefault;
  std::vector<AnswerFigures> answers;  ///< by item, ascending
  bool operator==(const AnswerSet&) const = default;
};

/// How much faster replies of a kind are written with speculation than plainly.
struct SpeculationFigures {
  std::int64_t task = 0, variant = 0;
  Thinking thinking = Thinking::kDefault;
  SpeculationMode mode = SpeculationMode::kOff;
  std::string draft;                       ///< the draft model; empty without
  double speed_up = 1, low = 1, high = 1;  ///< median, smallest and largest repetition
  bool operator==(const SpeculationFigures&) const = default;
};

/// A profile that there is, without its figures.
struct ProfileEntry {
  std::int64_t id = 0;
  ProfileIdentity identity;
  std::string model_name;        ///< as the user last named it
  std::string created, updated;  ///< UTC
  bool operator==(const ProfileEntry&) const = default;
};

struct ProfileData {
  ProfileEntry entry;
  std::optional<MachineSpeed> machine_speed;
  std::vector<TaskFigures> tasks;
  std::vector<VariantFigures> variants;
  std::vector<AnswerSet> answers;
  std::vector<SpeculationFigures> speculation;

  const VariantFigures* original() const;
  const TaskFigures* task(std::string_view kind) const;  ///< null if the kind was not measured
  const AnswerSet* answers_of(std::int64_t task, std::int64_t variant, Thinking thinking) const;
  /// The same without all other tasks and variants, and what belongs to them.
  ProfileData part(const std::vector<std::int64_t>& task_ids,
                   const std::vector<std::int64_t>& variant_ids) const;
};

}  // namespace pangu::adaptive
