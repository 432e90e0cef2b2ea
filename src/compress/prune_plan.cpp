// SPDX-License-Identifier: Apache-2.0
#include "compress/prune_plan.h"

#include <cmath>
#include <filesystem>

#include "base/clipped.h"
#include "base/error.h"
#include "base/last_name.h"
#include "compress/selection.h"
#include "io/locate_model.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;

}  // namespace

PrunePlan::PrunePlan(const PruneOptions& options, WithoutModel)
    : options_(options),
      method_(is_weights() ? nullptr : &find_method(options.method, options.unit)),
      rounds_(options.rounds.value_or(method_ ? method_->rounds : 1)),
      repair_(options.repair.value_or(default_repair())),
      rounding_(default_rounding()) {
  if (is_weights()) weight_method_ = parse_weight_method(options.method);
}

void PrunePlan::check(const PruneOptions& options) {
  const PrunePlan plan(options, WithoutModel{});
  if (plan.is_weights()) plan.check_weights();
  plan.check_counts();
}

bool PrunePlan::needs_text(const PruneOptions& options) {
  return PrunePlan(options, WithoutModel{}).needs_text();
}

PrunePlan::PrunePlan(const PruneOptions& options) : PrunePlan(options, WithoutModel{}) {
  check(options);
  if (!fs::is_directory(options_.in)) {
    fail<FileError>("[prune] there is no folder '{}'. A Hugging Face folder was expected{}.{}",
                    options_.in.string(),
                    fs::exists(options_.in) ? "; `pangu convert` makes one of a GGUF file" : "",
                    fs::exists(options_.in) ? "" : bundled_models_hint(options_.in));
  }
  before_ = read_model_config(options_.in);
  check_model();
  if (!is_weights()) check_units();
}

Repair PrunePlan::default_repair() const {
  const bool can = options_.unit == Unit::kNeurons || options_.unit == Unit::kHeads;
  return can && method_->repairs ? Repair::kAuto : Repair::kNone;
}

Rounding PrunePlan::default_rounding() const {
  constexpr std::int64_t kChannelAlign = 64;
  switch (options_.unit) {
    case Unit::kNeurons:
      return {.align = options_.align.value_or(method_->align), .up = method_->rounds_up};
    case Unit::kChannels:
      return {.align = options_.align.value_or(kChannelAlign), .up = false};
    default:
      return {.align = options_.align.value_or(1), .up = true};
  }
}

void PrunePlan::check_counts() const {
  if (rounds_ < 1 || rounds_ > 1000) {
    fail<ConfigError>("[prune] {} rounds were asked for; 1 to 1000 were expected.", rounds_);
  }
  if (rounding_.align < 1) {
    fail<ConfigError>("[prune] the alignment is {}; at least 1 was expected.", rounding_.align);
  }
  if (!options_.sparse.pattern && !(options_.ratio > 0 && options_.ratio < 1)) {
    fail<ConfigError>(
        "[prune] the ratio is {}; the share to remove was expected, above 0 and below 1.",
        options_.ratio);
  }
  if (needs_text() && options_.calibration.files.empty()) {
    fail<ConfigError>(
        "[prune] method {} with allocation {} and repair {} needs text: name a file with "
        "--calibration.",
        options_.method, name(options_.allocation), name(repair_));
  }
}

void PrunePlan::check_model() const {
  if (before_.quantization) {
    fail<Unsupported>(
        "[prune] {} is quantized. Prune the original model, then quantize the result: `pangu "
        "prune ORIGINAL PRUNED`, `pangu quantize PRUNED OUT`.",
        options_.in.string());
  }
  if (!before_.pruning_config.is_null() && !options_.again) {
    fail<Unsupported>(
        "[prune] {} was pruned already ({}). A ratio of what is left adds to that; use the "
        "original model, or say --again.",
        options_.in.string(), clipped(before_.pruning_config.dump(), 100));
  }
}

void PrunePlan::check_weights() const {
  if (options_.sparse.pattern && rounds_ > 1) {
    fail<ConfigError>("[prune] a pattern has no steps in between: it goes with one round.");
  }
  if (options_.sparse.scope != SparseScope::kMatrix && weight_method_ != WeightMethod::kMagnitude) {
    fail<ConfigError>(
        "[prune] method {} says itself what is compared with what: --scope goes with magnitude.",
        options_.method);
  }
  if (options_.mask || options_.allocation != Allocation::kUniform || repair_ != Repair::kNone ||
      options_.align) {
    fail<ConfigError>(
        "[prune] single weights become zero where they are: mask, align, allocation and repair "
        "belong to other units; sparsegpt is the method that repairs.");
  }
}

void PrunePlan::check_units() const {
  // The last round's sizes tell at once whether the ratio is possible.
  const std::vector<std::int64_t> last = sizes_after(before_, rounds_);
  if (last == sizes_of(before_)) {
    fail<ConfigError>(
        "[prune] a ratio of {} removes none of the {} {} when sizes are rounded {} to multiples "
        "of {}. Choose a larger ratio or a smaller --align.",
        options_.ratio, last.front(), name(options_.unit), rounding_.up ? "up" : "down",
        rounding_.align);
  }
}

bool PrunePlan::needs_text() const {
  return is_weights() ? needs_calibration(weight_method_)
                      : needs_calibration(*method_, options_.allocation, repair_);
}

double PrunePlan::ratio(std::int64_t round) const {
  if (const auto& p = options_.sparse.pattern) {
    return 1 - static_cast<double>(p->keep) / static_cast<double>(p->of);
  }
  return ratio_after(options_.ratio, round, rounds_, options_.pace);
}

std::vector<std::int64_t> PrunePlan::sizes_of(const ModelConfig& config) const {
  switch (options_.unit) {
    case Unit::kNeurons:
      return config.intermediate_size;
    case Unit::kHeads:
      return std::vector<std::int64_t>(static_cast<std::size_t>(config.n_layers),
                                       config.n_kv_heads);
    case Unit::kLayers:
      return {config.n_layers};
    case Unit::kChannels:
      return {config.hidden_size};
    case Unit::kWeights:
      break;
  }
  std::vector<std::int64_t> weights;
  for (std::int64_t l = 0; l < config.n_layers; ++l) {
    std::int64_t& of_layer = weights.emplace_back(0);
    for (const TensorSpec& m : unit_matrices(config, Unit::kLayers, l)) of_layer += m.count();
  }
  return weights;
}

std::vector<std::int64_t> PrunePlan::sizes_after(const ModelConfig& now, std::int64_t round) const {
  const std::vector<std::int64_t> before = sizes_of(before_);
  std::vector<std::int64_t> sizes = sizes_of(now);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = kept_size(sizes[i], before[i], ratio(round), rounding_);
  }
  return sizes;
}

/// The share of all units that is gone in the end.
double PrunePlan::removed_with(const Rounding& rounding) const {
  double kept = 0, all = 0;
  for (const std::int64_t size : sizes_of(before_)) {
    kept += static_cast<double>(kept_size(size, size, ratio(rounds_), rounding));
    all += static_cast<double>(size);
  }
  return 1 - kept / all;
}

std::string PrunePlan::alignment_warning() const {
  if (is_weights()) return "";
  const double asked = ratio(rounds_), removed = removed_with(rounding_);
  const auto is_near = [&](double share) { return std::fabs(share - asked) < kSameShare; };
  if (is_near(removed)) return "";
  Rounding finer = rounding_;
  do {
    finer.align /= 2;
    if (finer.align < 1) return "";
  } while (!is_near(removed_with(finer)));
  return fmt::format(
      "[prune] {:.1f}% of the {} will be removed, where {:.1f}% was asked for: kept sizes are "
      "multiples of {}. With --align {} it would be {:.1f}%.",
      100 * removed, name(options_.unit), 100 * asked, rounding_.align, finer.align,
      100 * removed_with(finer));
}

/// "2:4", or nothing.
Json PrunePlan::pattern_text() const {
  const auto& p = options_.sparse.pattern;
  return p ? Json(fmt::format("{}:{}", p->keep, p->of)) : Json();
}

/// Of layers, head and embedding: a name, or null where nothing was said.
Json PrunePlan::formats_json() const {
  if (!options_.formats) return nullptr;
  const auto text = [](const std::optional<WeightFormat>& f) {
    return f ? Json(name(*f)) : Json();
  };
  const WeightFormats& f = *options_.formats;
  return {text(f.layers), text(f.head), text(f.embedding)};
}

Json PrunePlan::resume_settings() const {
  return {{"in", last_name(options_.in)},
          {"before", to_json(before_)},
          {"unit", name(options_.unit)},
          {"method", options_.method},
          {"ratio", options_.ratio},
          {"scope", name(options_.sparse.scope)},
          {"pattern", pattern_text()},
          {"rounds", rounds_},
          {"cubic", options_.pace == Pace::kCubic},
          {"align", rounding_.align},
          {"allocation", name(options_.allocation)},
          {"repair", name(repair_)},
          {"mask", options_.mask},
          {"formats", formats_json()},
          {"reduce_ratio", options_.score.camera.reduce_ratio},
          {"feature_power", options_.score.slim.feature_power},
          {"include_down", options_.score.taylor.include_down},
          {"seed", options_.score.seed},
          {"sequences", options_.calibration.sequences},
          {"length", options_.calibration.length},
          {"more", options_.resume_settings}};
}

Json PrunePlan::pruning_config(std::int64_t round, const std::vector<std::int64_t>& kept,
                               bool distilled) const {
  Json json{{"method", options_.method},
            {"unit", name(options_.unit)},
            {"ratio", ratio(round)},
            {"round", round},
            {"rounds", rounds_},
            {"allocation", name(options_.allocation)},
            {"repair", name(repair_)},
            {"mask", options_.mask},
            {"pattern", pattern_text()},
            {"distilled", distilled},
            {"sizes_before", sizes_of(before_)},
            {"sizes", kept}};
  if (!before_.pruning_config.is_null()) {
    json["before"] = before_.pruning_config;
  }
  return json;
}

}  // namespace pangu::compress
