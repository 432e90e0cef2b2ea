// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/explore.h"

#include <fmt/format.h>

#include <algorithm>

#include "adaptive/explore/cost_calibration.h"
#include "adaptive/profile/model_digest.h"
#include "base/error.h"
#include "base/resources.h"
#include "eval/reference.h"
#include "runtime/model.h"
#include "runtime/speculation/model_drafter.h"

namespace pangu::adaptive {
namespace {

/// Variants whose speed is known before a first answer is given: the original and the two with the
/// best hope.
constexpr std::int64_t kFirstVariants = 3;

class Exploration {
 public:
  Exploration(const ExploreOptions& options, ProfileStore& store, Context& ctx,
              const ExploreHooks& hooks)
      : options_(options),
        store_(store),
        ctx_(ctx),
        hooks_(hooks),
        laboratory_(options.laboratory, ctx) {
    open_profile();
    open_tasks();
    open_variants();
    scope_.speculation = options.speculation;
    if (options.thinking) scope_.thinkings = laboratory_.thinkings();
    scope_.goals = options.goals;
    scope_.exhaustive = options.exhaustive;
    scope_.max_divergence = options.max_divergence;
    scope_.divergence = !options.tasks.empty();
  }

  ExploreResult run() {
    load();
    std::optional<Work> last;
    while (const auto work = next_work(data_, scope_)) {
      if (options_.budget_s && watch_.seconds() >= *options_.budget_s) return result(false);
      if (!cost_ && !is_calibration(*work)) tell_cost();
      if (work == last) fail<Error>("[profile] '{}' left no figures behind.", text_of(*work));
      tell_first_answer();
      if (hooks_.piece) hooks_.piece(progress(text_of(*work)));
      perform(*work);
      last = work;
      load();
    }
    tell_first_answer();
    return result(true);
  }

 private:
  /// What is known of the tasks and variants of this run: a profile may have others, of which a run
  /// that was not asked for them knows neither items nor whether their folders are still there.
  void load() {
    std::vector<std::int64_t> tasks;
    for (const auto& [id, task] : tasks_) tasks.push_back(id);
    data_ = store_.load(profile_).part(tasks, scope_.variants);
  }

  void open_profile() {
    const ProfileIdentity identity{
        .model = model_digest(resolve_model(options_.laboratory.model), &store_),
        .machine = machine_identity(ctx_, options_.threads),
        .engine = options_.engine};
    profile_ = store_.open(identity, options_.model_name);
    store_.put_machine_speed(profile_, laboratory_.machine_speed());
  }

  void open_tasks() {
    for (const KindTask& task : options_.tasks) {
      const std::int64_t id = store_.put_task(profile_, {.kind = task.kind,
                                                         .name = task.name,
                                                         .digest = task.digest,
                                                         .items = task.size(ItemPart::kMeasured),
                                                         .chance = task.chance});
      tasks_.emplace_back(id, &task);
    }
  }

  void open_variants() {
    add({}, "");
    std::vector<std::pair<std::filesystem::path, std::string>> sources = {{{}, ""}};
    for (const std::filesystem::path& source : options_.sources) {
      sources.emplace_back(source, model_digest(resolve_model(source), &store_));
    }
    std::vector<std::string> kvs = {""};
    kvs.insert(kvs.end(), options_.kv_formats.begin(), options_.kv_formats.end());
    std::vector<std::string> formats = {""};
    formats.insert(formats.end(), options_.formats.begin(), options_.formats.end());
    // All caches of one set of weights follow each other: it is loaded once.
    for (const std::string& format : formats) {
      for (const auto& [source, digest] : sources) {
        for (const std::string& kv : kvs) {
          const Variant variant{source, format, kv};
          if (!variant.is_original()) add(variant, digest);
        }
      }
    }
  }

  void add(const Variant& variant, const std::string& digest) {
    scope_.variants.push_back(store_.put_variant(profile_, variant, digest));
    variants_.emplace_back(scope_.variants.back(), variant);
  }

  const Variant& variant(std::int64_t id) const {
    return std::find_if(variants_.begin(), variants_.end(),
                        [&](const auto& v) { return v.first == id; })
        ->second;
  }
  const KindTask& task(std::int64_t id) const {
    return *std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& t) {
              return t.first == id;
            })->second;
  }

  std::string text_of(const Work& work) const {
    std::string name = variant(work.variant).name();
    switch (work.step) {
      case Step::kSpeed:
        return name + ": speed and memory";
      case Step::kDivergence:
        return name + ": divergence";
      case Step::kAnswers:
        return fmt::format("{}: {} items of {}{}", name, work.count, task(work.task).kind,
                           work.thinking == Thinking::kFast ? ", fast" : "");
      case Step::kSpeculation:
        return fmt::format("{}: speculation on {}", name, task(work.task).kind);
    }
    return name;
  }

  void perform(const Work& work) {
    const Variant& v = variant(work.variant);
    switch (work.step) {
      case Step::kSpeed: {
        const Laboratory::Speed speed = laboratory_.speed(v);
        store_.put_speed(work.variant, speed.footprint, speed.readings);
        break;
      }
      case Step::kDivergence:
        if (const auto figures =
                laboratory_.divergence(v, options_.tasks, options_.max_divergence)) {
          store_.put_divergence(work.variant, *figures);
        } else {
          scope_.divergence = false;  // there is no text
        }
        break;
      case Step::kAnswers:
        store_.put_answers(
            {work.task, work.variant, work.thinking,
             laboratory_.answers(task(work.task), v, work.thinking, work.first, work.count)});
        items_ += work.count;
        break;
      case Step::kSpeculation:
        for (SpeculationFigures figures :
             laboratory_.speculation(task(work.task), v, work.thinking, scope_.speculation)) {
          figures.task = work.task;
          figures.variant = work.variant;
          store_.put_speculation(figures);
        }
        break;
    }
  }

  ExploreProgress progress(std::string now) const {
    return {data_, scope_, std::move(now), watch_.seconds(), work_left(data_, scope_), cost_};
  }

  /// The original's own speed: what the cost of everything else is told from.
  bool is_calibration(const Work& work) const {
    return work.step == Step::kSpeed && variant(work.variant).is_original();
  }

  void tell_cost() {
    const double so_far = watch_.seconds();
    std::vector<std::int64_t> ids;
    for (const auto& [id, task] : tasks_) ids.push_back(id);
    cost_ = estimate_cost(data_, scope_,
                          calibrate_cost(laboratory_, ctx_,
                                         {.data = data_,
                                          .tasks = options_.tasks,
                                          .ids = ids,
                                          .formats = options_.formats,
                                          .carries_out = options_.carries_out}));
    *cost_ += {so_far, so_far, so_far};
    if (hooks_.estimate) hooks_.estimate(progress(""));
  }

  bool has_first_answer() const {
    const auto known = std::count_if(data_.variants.begin(), data_.variants.end(),
                                     [](const VariantFigures& v) { return !v.speed.empty(); });
    return known >= std::min<std::int64_t>(kFirstVariants, std::ssize(scope_.variants));
  }

  void tell_first_answer() {
    if (told_ || !has_first_answer()) return;
    told_ = true;
    if (hooks_.first_answer) hooks_.first_answer(progress(""));
  }

  ExploreResult result(bool settled) {
    return {std::move(data_), scope_, settled, watch_.seconds(), items_, cost_};
  }

  const ExploreOptions& options_;
  ProfileStore& store_;
  Context& ctx_;
  const ExploreHooks& hooks_;
  Stopwatch watch_;
  Laboratory laboratory_;
  std::int64_t profile_ = 0;
  std::vector<std::pair<std::int64_t, const KindTask*>> tasks_;
  std::vector<std::pair<std::int64_t, Variant>> variants_;
  Scope scope_;
  ProfileData data_;
  bool told_ = false;
  std::optional<CostEstimate> cost_;
  std::int64_t items_ = 0;
};

}  // namespace

void check_models(const ExploreOptions& options) {
  const Vocabulary model = check_model(options.laboratory.model, {});
  for (const std::filesystem::path& source : options.sources) {
    eval::check_same_tokens(check_model(source, {}), model);
  }
  if (options.laboratory.draft.empty()) return;
  check_draft_vocabulary(check_model(options.laboratory.draft, {}), model);
}

ExploreResult explore(const ExploreOptions& options, ProfileStore& store, Context& ctx,
                      const ExploreHooks& hooks) {
  check_models(options);
  return Exploration(options, store, ctx, hooks).run();
}

std::vector<std::string> default_formats() {
  return {"w4a8-g64", "w8a8", "w4a16-g64", "w8a16", "q4_k", "q8_0", "q4_0", "q6_k"};
}

std::vector<Goal> default_goals() {
  std::vector<Goal> out;
  for (const double quality : {0.98, 0.95}) {
    for (const Objective objective : objectives()) {
      out.push_back({objective, {.min_quality = quality}});
    }
  }
  return out;
}

}  // namespace pangu::adaptive
