// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/laboratory.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "adaptive/explore/answered_texts.h"
#include "base/error.h"
#include "base/resources.h"
#include "eval/divergence.h"
#include "measure/bandwidth_probe.h"
#include "measure/benchmark.h"
#include "measure/replay.h"
#include "models/config/config.h"
#include "runtime/cache/context_length.h"

namespace pangu::adaptive {
namespace {

/// Programs that are run to see how long those of replies will take.
constexpr std::int64_t kPrograms = 6;
constexpr double kPeakSeconds = 0.15;
/// What the original and a variant may take of the memory together.
constexpr double kMemoryShare = 0.6;
/// Positions at which variants are compared with the original, and bytes that its logits may take.
constexpr std::int64_t kPositions = 1024, kReferenceBytes = std::int64_t{256} << 20;

std::vector<Recording> recordings_of(const eval::EvalResult& result) {
  std::vector<Recording> out;
  for (const eval::EvalItem& item : result.items) {
    if (item.reply.size() >= 2) out.push_back({"replies", item.prompt, item.reply});
  }
  return out;
}

}  // namespace

Laboratory::Laboratory(const LaboratoryOptions& options, Context& ctx)
    : options_(options), ctx_(ctx), base_bytes_(resident_bytes()) {
  restore_original();
}

void Laboratory::restore_original() {
  if (loaded_original_) return;
  current_.reset();
  loaded_original_.emplace(load({}));
  original_ = &loaded_original_->model;
}

std::vector<Thinking> Laboratory::thinkings() const {
  if (!original_->tokenizer || original_->tokenizer->chat_template().empty()) return {};
  if (original_->chat_template().thinking_style() == ThinkingStyle::kNone) return {};
  return {Thinking::kFast};
}

std::function<void()> Laboratory::check() const {
  return [this] {
    if (options_.cancel.stop_requested()) fail<Cancelled>("[profile] stopped");
  };
}

MachineSpeed Laboratory::machine_speed() {
  BandwidthProbe probe(ctx_);
  const double bandwidth = probe.measure();
  const Arithmetic arithmetic = peak_arithmetic(*original_->network, ctx_);
  return {bandwidth, ctx_.device().peak_operations(arithmetic, kPeakSeconds, ctx_.executor())};
}

KvFormat Laboratory::kv(const Variant& variant) const {
  return variant.kv.empty() ? exact_kv_format(ctx_.dtype()) : require_kv_format(variant.kv);
}

Laboratory::Loaded Laboratory::load(const Variant& variant) {
  release_free_memory();
  const std::int64_t before = resident_bytes();
  const Stopwatch watch;
  Loaded out{
      .variant = variant,
      .model = load_model(variant.source.empty() ? options_.model : variant.source,
                          {.formats = variant.formats(), .progress = options_.progress}, ctx_)};
  out.load_s = watch.seconds();
  release_free_memory();
  out.resident_bytes = std::max(weight_bytes(*out.model.network), resident_bytes() - before);
  return out;
}

bool Laboratory::fits_beside(const Variant& variant) const {
  // A variant is at most as large as the original is stored.
  const double original = static_cast<double>(weight_bytes(*original_->network));
  return variant.is_original() ||
         2 * original < kMemoryShare * static_cast<double>(total_memory_bytes());
}

const Model& Laboratory::use(const Variant& variant) {
  if (variant.source.empty() && variant.format.empty()) {
    restore_original();
    return *original_;
  }
  const bool same = current_ && current_->variant.source == variant.source &&
                    current_->variant.format == variant.format;
  if (same) return current_->model;
  current_.reset();
  if (!fits_beside(variant)) {
    loaded_original_.reset();
    original_ = nullptr;
  }
  current_.emplace(load(variant));
  if (!original_) original_ = &current_->model;  // of the same tokenizer and template
  return current_->model;
}

std::pair<SpeedSide, SpeedSide> Laboratory::sides(const Variant& variant) {
  const SpeedSide own{use(variant).network.get(), kv(variant)};
  return {own, loaded_original_ ? SpeedSide{loaded_original_->model.network.get(), kv({})}
                                : SpeedSide{}};
}

SpeedSetting Laboratory::setting(const Model& model, std::int64_t prompt_tokens,
                                 std::int64_t batch) const {
  const std::int64_t room = default_context(model.config()) - options_.decode_tokens - 1;
  return {.prompt_tokens = std::max<std::int64_t>(1, std::min(prompt_tokens, room)),
          .decode_tokens = options_.decode_tokens,
          .batch = batch,
          .check = check()};
}

SpeedTurns Laboratory::turns(const Variant& variant, std::int64_t prompt_tokens, double seconds,
                             int rounds) {
  const auto [own, original] = sides(variant);
  SpeedSetting how = setting(use(variant), prompt_tokens, 1);
  how.seconds = seconds;
  how.rounds = rounds;
  return take_turns(own, original, how, ctx_);
}

Laboratory::Speed Laboratory::speed(const Variant& variant) {
  const auto [own, original] = sides(variant);
  const Model& model = use(variant);
  const bool is_stored = variant.source.empty() && variant.format.empty();
  const Loaded& loaded = is_stored ? *loaded_original_ : *current_;
  Speed out;
  out.readings.push_back(
      read_speed(own, original, setting(model, options_.prompt_tokens, 1), ctx_));
  out.readings.push_back(
      read_speed(own, original, setting(model, kShortPrompt, options_.many), ctx_));
  const double position = KvStorage::position_bytes(model.network->kv_shape(own.kv), ctx_.device());
  const double positions = static_cast<double>(options_.prompt_tokens + options_.decode_tokens);
  out.footprint = {.load_s = loaded.load_s,
                   .resident_bytes = base_bytes_ + loaded.resident_bytes +
                                     static_cast<std::int64_t>(position * positions),
                   .weight_bytes = weight_bytes(*model.network),
                   .position_bytes = position};
  return out;
}

std::vector<eval::ReferenceText> Laboratory::divergence_texts(std::span<const KindTask> tasks) {
  const Model& model = use({});
  const std::int64_t most =
      std::min(kPositions, kReferenceBytes / (model.known_ids() * std::int64_t{sizeof(float)}));
  return answered_texts(model, tasks, most);
}

double Laboratory::program_s(const KindTask& task) {
  const eval::Sandbox* sandbox = sandbox_for(task);
  if (!sandbox) return 0;
  const eval::EvalData data = task.items(ItemPart::kMeasured, 0, kPrograms);
  const eval::EvalResult result =
      eval::check_references(asked_with(task), data, *sandbox, {.cancel = options_.cancel});
  check()();
  return result.seconds / static_cast<double>(std::max<std::size_t>(1, result.items.size()));
}

std::optional<DivergenceFigures> Laboratory::divergence(const Variant& variant,
                                                        std::span<const KindTask> tasks,
                                                        double stop_above) {
  if (!reference_) {
    std::vector<eval::ReferenceText> texts = divergence_texts(tasks);
    if (texts.empty()) return std::nullopt;
    reference_.emplace(use({}), ctx_, std::move(texts), eval::ReferenceOptions{.kv = kv({})},
                       eval::ReferenceHooks{.cancel = options_.cancel});
  }
  const Model& model = use(variant);
  const eval::EvalResult result = eval::compare_with_reference(
      *reference_, model, ctx_, {.kv = kv(variant), .stop_above = stop_above},
      {.cancel = options_.cancel});
  check()();
  DivergenceFigures out;
  for (const eval::Metric& metric : eval::summarize(result)) {
    if (metric.name == "kl") {
      out.mean = metric.value;
      out.low = metric.ci95.low;
      out.high = metric.ci95.high;
    } else if (metric.name == "same_top") {
      out.same_top = metric.value;
    }
  }
  for (const eval::EvalItem& item : result.items) {
    out.positions += static_cast<std::int64_t>(item.measures.front().weight);
  }
  return out;
}

const eval::Sandbox* Laboratory::sandbox_for(const KindTask& task) {
  if (task.options.task != eval::Task::kCode) return nullptr;
  if (!sandbox_) sandbox_.emplace(eval::Sandbox::open());
  return &*sandbox_;
}

eval::EvalOptions Laboratory::asked_with(const KindTask& task) const {
  eval::EvalOptions options = task.options;
  options.jobs = options_.jobs;
  options.limits.allow_waiting();
  return options;
}

eval::EvalResult Laboratory::evaluate(const KindTask& task, const Variant& variant,
                                      Thinking thinking, const eval::EvalData& data) {
  eval::EvalOptions options = asked_with(task);
  options.thinking = thinking;
  options.kv = kv(variant);
  const eval::Sandbox* sandbox = sandbox_for(task);
  const Model& model = use(variant);
  eval::EvalResult result =
      eval::evaluate(model, ctx_, options, data, sandbox, {.cancel = options_.cancel});
  check()();
  return result;
}

std::vector<AnswerFigures> Laboratory::answers(const KindTask& task, const Variant& variant,
                                               Thinking thinking, std::int64_t first,
                                               std::int64_t count, ItemPart part) {
  const eval::EvalData data = task.items(part, first, count);
  const eval::EvalResult result = evaluate(task, variant, thinking, data);
  std::map<std::int64_t, std::int64_t> item_of_line;
  for (const std::int64_t line : lines_of(data)) {
    const std::int64_t item = first + std::ssize(item_of_line);
    item_of_line[line] = item;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, result.items.size()));
  const auto scored_prompt =
      std::llround(static_cast<double>(result.prompt_tokens + result.shared_tokens) / n);
  std::vector<AnswerFigures> out;
  for (const eval::EvalItem& item : result.items) {
    // Choices are scored, not written: their prompts are counted together.
    const bool written = !item.prompt.empty();
    out.push_back({.item = item_of_line.at(item.info.line),
                   .value = item.measures.front().value,
                   .prompt_tokens = written ? std::ssize(item.prompt) : scored_prompt,
                   .reply_tokens = written ? std::ssize(item.reply) : 1});
  }
  std::sort(out.begin(), out.end(),
            [](const AnswerFigures& a, const AnswerFigures& b) { return a.item < b.item; });
  return out;
}

std::vector<SpeculationFigures> Laboratory::speculation(const KindTask& task,
                                                        const Variant& variant, Thinking thinking,
                                                        std::span<const SpeculationMode> modes) {
  std::vector<SpeculationFigures> out;
  for (const SpeculationMode mode : modes) {
    out.push_back({.thinking = thinking, .mode = mode, .draft = options_.draft.string()});
  }
  const eval::EvalData data = task.items(ItemPart::kMeasured, 0, kRecorded);
  const std::vector<Recording> recordings = recordings_of(evaluate(task, variant, thinking, data));
  if (recordings.empty()) return out;  // nothing is written: nothing to guess
  ReplayOptions options{.kv = kv(variant), .repetitions = kReplays, .cancel = options_.cancel};
  for (const SpeculationMode mode : modes) {
    SpeculationOptions way{.mode = mode};
    way.draft_model = options_.draft;
    options.ways.push_back(way);
  }
  const bool drafts = std::any_of(options.ways.begin(), options.ways.end(),
                                  [](const auto& way) { return way.uses_draft_model(); });
  if (drafts && !draft_) draft_.emplace(load_model(options_.draft, {}, ctx_));
  const Model& model = use(variant);
  const std::vector<ReplayResult> results =
      run_replay(model, drafts ? &*draft_ : nullptr, ctx_, recordings, options);
  for (std::size_t w = 0; w < out.size(); ++w) {
    const Spread& speed_up = results.front().ways[w].speed_up;
    out[w].speed_up = speed_up.median;
    out[w].low = speed_up.min;
    out[w].high = speed_up.max;
  }
  return out;
}

}  // namespace pangu::adaptive
