// SPDX-License-Identifier: Apache-2.0
// Loads variants of a model and measures them: what a plan asks for, one piece at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "adaptive/explore/kind_task.h"
#include "adaptive/explore/speed_turns.h"
#include "adaptive/profile/profile_data.h"
#include "eval/reference.h"
#include "eval/sandbox.h"
#include "runtime/model.h"

namespace pangu::adaptive {

/// Replies that speculation is timed on, and how often each is decoded in each way.
inline constexpr std::int64_t kRecorded = 6;
inline constexpr int kReplays = 3;
/// Tokens of a prompt where many sequences are decoded: reading it is not what is timed.
inline constexpr std::int64_t kShortPrompt = 16;

struct LaboratoryOptions {
  std::filesystem::path model;
  std::filesystem::path draft;       ///< of speculation; may be empty
  std::int64_t prompt_tokens = 128;  ///< that speed is measured with
  std::int64_t decode_tokens = 16;
  std::int64_t many = 8;  ///< sequences at once, for the reading of many
  int jobs = 1;           ///< programs of code tasks that run at the same time
  std::stop_token cancel = {};
  /// Told what goes on, with units done and in total; may be empty, may throw.
  ProgressFn progress = {};
};

/// At most the original and one variant are in memory, and the original only where both fit.
class Laboratory {
 public:
  /// Context and options must outlive it. Throws what load_model() does for the original.
  Laboratory(const LaboratoryOptions& options, Context& ctx);

  const Model& original() const { return *original_; }
  const LaboratoryOptions& options() const { return options_; }
  /// Ways of thinking that the model's template offers besides its own.
  std::vector<Thinking> thinkings() const;
  MachineSpeed machine_speed();

  struct Speed {
    Footprint footprint;
    std::vector<SpeedReading> readings;
  };
  Speed speed(const Variant& variant);
  /// Loads the variant, unless it is.
  void prepare(const Variant& variant) { static_cast<void>(use(variant)); }
  /// Turns of one sequence with a prompt of this length, beside the original's where both fit.
  SpeedTurns turns(const Variant& variant, std::int64_t prompt_tokens, double seconds, int rounds);
  /// What variants are compared with the original on; empty where items come without answers.
  std::vector<eval::ReferenceText> divergence_texts(std::span<const KindTask> tasks);
  /// Seconds for the program of a reply, so many jobs at a time, from the solutions that come with
  /// the first items; 0 of tasks without programs.
  double program_s(const KindTask& task);
  /// From the original, on the answers that come with the items of some tasks; nothing where those
  /// give no text. The original's own passes are made once.
  std::optional<DivergenceFigures> divergence(const Variant& variant,
                                              std::span<const KindTask> tasks, double stop_above);
  /// Of items first to first + count that are measured. Throws Cancelled.
  std::vector<AnswerFigures> answers(const KindTask& task, const Variant& variant,
                                     Thinking thinking, std::int64_t first, std::int64_t count,
                                     ItemPart part = ItemPart::kMeasured);
  /// Replies to the first items, decoded in each way and plainly in turns.
  std::vector<SpeculationFigures> speculation(const KindTask& task, const Variant& variant,
                                              Thinking thinking,
                                              std::span<const SpeculationMode> modes);

 private:
  struct Loaded {
    Variant variant;
    Model model;
    double load_s = 0;
    std::int64_t resident_bytes = 0;  ///< that loading added
  };
  Loaded load(const Variant& variant);
  /// The variant's model; the one before it is dropped.
  const Model& use(const Variant& variant);
  bool fits_beside(const Variant& variant) const;
  /// The sides that are timed against each other; the variant is loaded.
  std::pair<SpeedSide, SpeedSide> sides(const Variant& variant);
  SpeedSetting setting(const Model& model, std::int64_t prompt_tokens, std::int64_t batch) const;
  void restore_original();
  KvFormat kv(const Variant& variant) const;
  /// The task's own options, with what programs may take here.
  eval::EvalOptions asked_with(const KindTask& task) const;
  eval::EvalResult evaluate(const KindTask& task, const Variant& variant, Thinking thinking,
                            const eval::EvalData& data);
  const eval::Sandbox* sandbox_for(const KindTask& task);
  std::function<void()> check() const;

  const LaboratoryOptions& options_;
  Context& ctx_;
  std::int64_t base_bytes_;  ///< resident before anything was loaded
  std::optional<Loaded> loaded_original_;
  const Model* original_ = nullptr;
  std::optional<Loaded> current_;
  std::optional<Model> draft_;
  std::optional<eval::Sandbox> sandbox_;
  std::optional<eval::Reference> reference_;  ///< what the original says
};

}  // namespace pangu::adaptive
