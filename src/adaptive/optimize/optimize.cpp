// SPDX-License-Identifier: Apache-2.0
#include "adaptive/optimize/optimize.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "adaptive/profile/model_digest.h"
#include "adaptive/report/profile_report.h"
#include "adaptive/route/classifier.h"
#include "base/error.h"
#include "base/resources.h"
#include "checkpoint/companion_files.h"
#include "checkpoint/quantize.h"
#include "io/atomic_file.h"
#include "io/atomic_folder.h"
#include "io/bundle_default.h"
#include "io/folder_names.h"
#include "models/model_files.h"
#include "recipes/output_folder.h"

namespace pangu::adaptive {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWorkFolder = "work";
constexpr const char* kWeightsFolder = "weights";

/// The part of a variant that lies on disk.
Variant on_disk(const Variant& v) {
  return {v.source, v.format, ""};
}

std::int64_t weight_file_bytes(const fs::path& model) {
  return ModelFiles::open(model).weight_bytes();
}

Json paths(const std::vector<fs::path>& list) {
  Json out = Json::array();
  for (const fs::path& path : list) out.push_back(path.string());
  return out;
}

/// Copies, pruning and quantization take folders alone: told before anything is measured.
void require_folder(const fs::path& model) {
  std::error_code error;
  if (fs::is_directory(resolve_model(model), error)) return;
  fail<Unsupported>(
      "[optimize] {} is no Hugging Face folder. Make one of a GGUF file with pangu convert, and "
      "optimize that.",
      model.string());
}

class Optimization {
 public:
  Optimization(const OptimizeOptions& options, ProfileStore& store, Context& ctx,
               const OptimizeHooks& hooks)
      : o_(options), store_(store), ctx_(ctx), hooks_(hooks), explore_(options.explore) {}

  OptimizeResult run() {
    check_classifier();
    open_output();
    make_smaller_copies();
    explore_.goals = {o_.goal};
    explore_.carries_out = true;
    const Stopwatch watch;
    ExploreResult explored = explore(explore_, store_, ctx_, hooks_.explore);
    result_.data = std::move(explored.data);
    result_.cost = explored.cost;
    result_.settled = explored.settled;
    result_.items = explored.items;
    if (!explored.settled) {
      say("time was up before all was decided: the choice is the best among what is known");
    }
    choose();
    write_weights();
    write_draft();
    write_classifier();
    write_reports();
    result_.linked_bytes = link_equal_files(o_.out);
    finish();
    result_.seconds = watch.seconds();
    return std::move(result_);
  }

 private:
  void say(const std::string& line) const {
    if (hooks_.say) hooks_.say(line);
  }
  void check() const {
    if (hooks_.cancel.stop_requested()) fail<Cancelled>("[optimize] stopped");
  }

  /// What an interrupted run must agree on to be gone on with.
  Json settings() const {
    Json tasks = Json::array();
    for (const KindTask& t : explore_.tasks) tasks.push_back({t.kind, t.name, t.digest});
    Json speculation = Json::array();
    for (const SpeculationMode mode : explore_.speculation) {
      speculation.push_back(pangu::name(mode));
    }
    const Constraints& c = o_.goal.constraints;
    return {{"model", model_digest(resolve_model(o_.in), &store_)},
            {"tasks", tasks},
            {"objective", name(o_.goal.objective)},
            {"min_quality", c.min_quality},
            {"max_memory", c.max_memory ? Json(*c.max_memory) : Json()},
            {"max_first_token", c.max_first_token ? Json(*c.max_first_token) : Json()},
            {"min_speed", c.min_speed ? Json(*c.min_speed) : Json()},
            {"formats", explore_.formats},
            {"kv_formats", explore_.kv_formats},
            {"speculation", speculation},
            {"thinking", explore_.thinking},
            {"draft", explore_.laboratory.draft.string()},
            {"intent", o_.intent.string()},
            {"also", paths(o_.explore.sources)},
            {"prune", o_.prune_ratios},
            {"calibration", paths(o_.calibration.files)},
            {"distill", o_.distillation.data},
            {"distill_steps", o_.distillation.steps ? Json(*o_.distillation.steps) : Json()}};
  }

  void open_output() {
    require_folder(o_.in);
    if (!explore_.laboratory.draft.empty()) require_folder(explore_.laboratory.draft);
    if (!o_.intent.empty()) require_folder(o_.intent);
    check_models(o_.explore);
    recipes::require_other_folder(o_.out, {o_.in});
    if (bundle_default(o_.out)) {
      fail<ConfigError>("[optimize] {} is a finished bundle. Name another folder, or remove it.",
                        o_.out.string());
    }
    const fs::path file = o_.out / kWorkFolder / "request.json";
    std::error_code error;
    const Json wanted = settings();
    if (fs::exists(file, error)) {
      if (read_json(file) != wanted && has_work()) {
        fail<ConfigError>(
            "[optimize] {} holds an interrupted run with other options or another model. Repeat "
            "those, name another folder, or remove it.",
            o_.out.string());
      }
      say("goes on with what was done before");
      write_json(file, wanted);
      return;
    }
    if (fs::exists(o_.out, error) && !folder_names(o_.out).empty()) {
      fail<ConfigError>("[optimize] {} has files in it. A new or empty folder was expected.",
                        o_.out.string());
    }
    fs::create_directories(file.parent_path(), error);
    if (error) {
      fail<FileError>("[optimize] {} cannot be made: {}.", o_.out.string(), error.message());
    }
    write_json(file, wanted);
  }

  /// Whether an interrupted run left more than its request.
  bool has_work() const {
    return folder_names(o_.out).size() > 1 || folder_names(o_.out / kWorkFolder).size() > 1;
  }

  /// Before anything is measured: a probe of another model, and kinds that it does not know.
  void check_classifier() const {
    if (o_.intent.empty()) return;
    const Classifier classifier(o_.intent, o_.machine);
    for (const KindTask& task : explore_.tasks) {
      const auto& kinds = classifier.kinds();
      if (std::find(kinds.begin(), kinds.end(), task.kind) != kinds.end()) continue;
      say(
          fmt::format("run --auto will not recognise {}: the probe of {} does not know it. pangu "
                      "intent train makes one that does.",
                      task.kind, o_.intent.string()));
    }
  }

  void make_smaller_copies() {
    for (const double ratio : o_.prune_ratios) {
      check();
      const fs::path out = o_.out / kWorkFolder / fmt::format("pruned-{:g}", 100 * ratio);
      std::error_code error;
      if (!fs::exists(out / "config.json", error)) prune(ratio, out);
      explore_.sources.push_back(out);
    }
  }

  void prune(double ratio, const fs::path& out) {
    say(fmt::format("a copy without {:g}% of the neurons of its MLPs", 100 * ratio));
    recipes::PruneRunOptions run;
    run.prune.in = o_.in;
    run.prune.out = out;
    run.prune.ratio = ratio;
    run.prune.rounds = 1;
    run.prune.repair = compress::Repair::kAuto;
    run.prune.calibration = o_.calibration;
    run.prune.resume = true;
    // Aligned to what every kernel and block format takes, or finer where that would remove
    // nothing.
    run.prune.align = ModelFiles::open(o_.in).config.intermediate_size.front() >= 2048 ? 256 : 64;
    run.distillation = o_.distillation;
    run.measure_speed = false;
    run.machine = o_.machine;
    recipes::PruneRunHooks hooks;
    hooks.progress = hooks_.progress;
    hooks.say = hooks_.say;
    hooks.cancel = hooks_.cancel;
    recipes::run_pruning(run, hooks);
  }

  void choose() {
    LaboratoryOptions options = explore_.laboratory;
    Laboratory laboratory(options, ctx_);
    if (explore_.tasks.empty()) choose_for("", nullptr, laboratory);
    for (const KindTask& task : explore_.tasks) choose_for(task.kind, &task, laboratory);
  }

  void choose_for(const std::string& kind, const KindTask* task, Laboratory& laboratory) {
    check();
    const std::vector<Candidate> list = candidates(result_.data, {.kind = kind});
    std::optional<CheckedChoice> choice;
    if (task) {
      choice = choose_checked(list, o_.goal, *task, laboratory,
                              [&](const std::string& line) { say(line); });
    } else if (const Decision d = decide(list, o_.goal); d.recommendation) {
      choice = CheckedChoice{*d.recommendation->choice.candidate, {}, list};
    }
    if (!choice) {
      fail<ConfigError>(
          "[optimize] nothing that was measured keeps to the constraints for {}. Ask pangu "
          "recommend what comes nearest, and loosen them.",
          kind.empty() ? "any task" : kind);
    }
    const auto baseline =
        std::find_if(list.begin(), list.end(), [](const Candidate& c) { return c.is_baseline(); });
    OptimizedKind out{.kind = kind.empty() ? "any" : kind,
                      .choice = choice->candidate,
                      .baseline = *baseline,
                      .checks = choice->checks};
    out.fresh = laboratory.speed(out.choice.strategy.variant).readings.front();
    accepted_[out.kind] = std::move(choice->accepted);
    result_.kinds.push_back(std::move(out));
  }

  /// Model folders of all choices; one that is there is whole.
  void write_weights() {
    Bundle& bundle = result_.bundle;
    bundle.folder = o_.out;
    ThreadPool threads(o_.machine.threads);
    for (const OptimizedKind& kind : result_.kinds) {
      const Variant weights = on_disk(kind.choice.strategy.variant);
      const std::string name = weights.name();
      if (bundle.weights.contains(name)) continue;
      const std::string folder = fmt::format("{}/{}", kWeightsFolder, folder_of(name));
      std::error_code error;
      fs::create_directories(o_.out / kWeightsFolder, error);
      if (!fs::exists(o_.out / folder, error)) write_folder(weights, o_.out / folder, threads);
      bundle.weights[name] = {folder, kind.choice.memory, kind.choice.figures->footprint->load_s,
                              kind.choice.prefill};
    }
    for (OptimizedKind& kind : result_.kinds) {
      kind.bytes_before = weight_file_bytes(o_.in);
      kind.bytes_after =
          weight_file_bytes(bundle.weights_folder(on_disk(kind.choice.strategy.variant).name()));
    }
  }

  /// The name of a variant as one of a folder.
  static std::string folder_of(std::string name) {
    std::replace(name.begin(), name.end(), ':', '-');
    return name;
  }

  void write_folder(const Variant& weights, const fs::path& out, ThreadPool& threads) const {
    const fs::path source = resolve_model(weights.source.empty() ? o_.in : weights.source);
    if (!weights.format.empty()) {
      quantize_checkpoint(
          source, out,
          {.formats = weights.formats(), .command = o_.command, .progress = hooks_.progress},
          threads);
      return;
    }
    copy_model(source, out);
  }

  /// The files of a model's folder, which appear together.
  static void copy_model(const fs::path& source, const fs::path& out) {
    AtomicFolder folder(out);
    for (const std::string& name : folder_names(source)) {
      std::error_code error;
      if (fs::is_regular_file(source / name, error)) {
        copy_file_whole(source / name, folder.path() / name);
      }
    }
    folder.commit();
  }

  void write_draft() {
    if (explore_.laboratory.draft.empty()) return;
    std::error_code error;
    const fs::path out = o_.out / "draft";
    if (!fs::exists(out, error)) copy_model(resolve_model(explore_.laboratory.draft), out);
    result_.bundle.draft = "draft";
  }

  /// The model that recognises kinds of task, with its probe.
  void write_classifier() {
    if (o_.intent.empty()) return;
    std::error_code error;
    const fs::path out = o_.out / "intent";
    if (!fs::exists(out, error)) copy_model(resolve_model(o_.intent), out);
    result_.bundle.intent = "intent";
  }

  void write_reports() {
    write_json(o_.out / "profile.json", profile_json(result_.data, explore_.max_divergence));
    for (const OptimizedKind& kind : result_.kinds) {
      if (kind.kind == "any") continue;
      write_file_atomically(o_.out / ("front-" + kind.kind + ".svg"),
                            front_svg(candidates(result_.data, {.kind = kind.kind}), kind.kind,
                                      result_.data.entry.identity.machine.key()));
    }
    write_file_atomically(o_.out / "REPORT.md",
                          optimize_report(result_.data.entry, o_.command, result_.kinds));
  }

  void finish() {
    Bundle& bundle = result_.bundle;
    const ProfileEntry& e = result_.data.entry;
    bundle.model_name = e.model_name;
    bundle.model_digest = e.identity.model;
    bundle.machine = e.identity.machine.key();
    bundle.engine = e.identity.engine;
    bundle.created = utc_now();
    bundle.request = settings();
    std::size_t most = 0;
    for (const OptimizedKind& kind : result_.kinds) {
      bundle.kinds.push_back(bundle_kind(kind));
      const std::string& weights = bundle.kinds.back().choice().weights;
      const std::size_t uses = accepted_kinds(weights);
      if (uses > most) {
        most = uses;
        bundle.default_weights = weights;
      }
    }
    write_bundle(bundle, fmt::format("{}/", kWorkFolder));
    // Not before: with bundle.json there is nothing to go on with.
    std::error_code error;
    fs::remove_all(o_.out / kWorkFolder, error);
  }

  /// For how many kinds weights keep to what was asked.
  std::size_t accepted_kinds(const std::string& weights) const {
    return static_cast<std::size_t>(
        std::count_if(accepted_.begin(), accepted_.end(), [&](const auto& entry) {
          return std::any_of(entry.second.begin(), entry.second.end(), [&](const Candidate& c) {
            return on_disk(c.strategy.variant).name() == weights;
          });
        }));
  }

  static BundleWay way_of(const Candidate& c) {
    return {on_disk(c.strategy.variant).name(), c.strategy.variant.kv, c.strategy.thinking,
            c.strategy.speculation, c.answer_s()};
  }

  /// The choice, and the fastest way with each other pair of weights in the bundle and cache.
  std::vector<BundleWay> ways_of(const OptimizedKind& kind) const {
    std::map<std::pair<std::string, std::string>, BundleWay> fastest;
    for (const Candidate& c : accepted_.at(kind.kind)) {
      BundleWay way = way_of(c);
      if (!result_.bundle.weights.contains(way.weights)) continue;
      const auto [place, is_new] = fastest.try_emplace({way.weights, way.kv}, way);
      if (!is_new && way.answer_s < place->second.answer_s) place->second = std::move(way);
    }
    std::vector<BundleWay> out{way_of(kind.choice)};
    fastest.erase({out[0].weights, out[0].kv});
    for (auto& [pair, way] : fastest) out.push_back(std::move(way));
    return out;
  }

  BundleKind bundle_kind(const OptimizedKind& k) const {
    return {.kind = k.kind, .ways = ways_of(k), .figures = optimized_json(k)};
  }

  const OptimizeOptions& o_;
  ProfileStore& store_;
  Context& ctx_;
  const OptimizeHooks& hooks_;
  ExploreOptions explore_;
  std::map<std::string, std::vector<Candidate>> accepted_;  ///< by kind
  OptimizeResult result_;
};

}  // namespace

OptimizeResult optimize(const OptimizeOptions& options, ProfileStore& store, Context& ctx,
                        const OptimizeHooks& hooks) {
  return Optimization(options, store, ctx, hooks).run();
}

}  // namespace pangu::adaptive
