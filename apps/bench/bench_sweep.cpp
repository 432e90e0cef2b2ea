// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_sweep.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>

#include "apps/bench/bench_tables.h"
#include "apps/shared/lists.h"
#include "apps/shared/output.h"
#include "base/last_name.h"
#include "base/resources.h"
#include "io/atomic_file.h"
#include "report/svg_plot.h"

namespace pangu::app {
namespace {

constexpr const char* kShapeFormats = "bf16,w8a16,w8a8,w4a16-g64";
constexpr const char* kBatches = "1,4";
constexpr const char* kContexts = "128";
constexpr const char* kSweepFiles[] = {"bench.csv", "bench.md", "bench.svg"};

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &utc);
  return text;
}

/// One point of the grid.
struct Combination {
  std::string format;
  int threads;
  int64_t context, batch;
};

class SweepRunner {
 public:
  SweepRunner(const BenchSubject& subject, const FormatOptions& formats, const SweepOptions& sweep,
              const BenchOptions& bench, const CommandFrame& frame)
      : subject_(subject),
        formats_(formats),
        folder_(sweep.folder),
        bench_(bench),
        common_(frame.common()),
        frame_(frame),
        bar_(frame.bar("runs")) {
    lists_ = sweep;
    fill_in(lists_.formats, formats.layers);
    fill_in(lists_.formats, subject.shape.name.empty() ? "" : kShapeFormats);
    fill_in(lists_.batches, kBatches);
    fill_in(lists_.contexts, kContexts);
    fill_in(lists_.thread_counts, std::to_string(thread_count(common_)));
    for (const int64_t n : list_numbers(lists_.thread_counts))
      threads_.push_back(static_cast<int>(n));
    total_ = static_cast<int64_t>(list_items(lists_.formats).size() * threads_.size() *
                                  list_items(lists_.contexts).size() *
                                  list_items(lists_.batches).size());
  }

  void run() {
    make_folder();
    describe();
    if (!common_.json) print(table_head());
    for (const std::string& format : list_items(lists_.formats)) run_format(format);
    bar_.clear();
    if (common_.json) {
      Json json = sweep_json(sweep_);
      for (const char* file : kSweepFiles) json["files"].push_back(path(file));
      print_json(json);
    } else {
      frame_.say(fmt::format("written to {}: bench.csv, bench.md, bench.svg\n", folder_.string()));
    }
  }

 private:
  static void fill_in(std::string& list, std::string fallback) {
    if (list.empty()) list = std::move(fallback);
  }

  std::string path(const char* file) const { return (folder_ / file).string(); }

  /// Before anything is measured: hours later would be too late to find out.
  void make_folder() const {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error || !std::filesystem::is_directory(folder_)) {
      fail<FileError>("[bench] {}: the folder cannot be made: {}. Name another with --sweep.",
                      folder_.string(), error ? error.message() : "it is a file");
    }
    for (const char* file : kSweepFiles) {
      check_output(path(file), {.files = {}, .models = {subject_.model}});
    }
  }

  void describe() {
    ContextOptions options = context_options(common_);
    sweep_.title = subject_.title();
    sweep_.date = now_text();
    sweep_.machine =
        fmt::format("{}, {:.0f} GiB, {}", cpu_name(),
                    static_cast<double>(total_memory_bytes()) / 0x1p30, name(options.isa));
    sweep_.command = command_text();
    sweep_.roof_threads = *std::ranges::max_element(threads_);
    options.threads = sweep_.roof_threads;
    Context ctx(options);
    for (const Arithmetic a : {Arithmetic::kF32, Arithmetic::kBF16, Arithmetic::kInt8}) {
      if (ctx.device().native(a, ctx.isa()) != a) continue;
      sweep_.roofs.raise_peak(a, ctx.device().peak_operations(a, 0.15, ctx.executor()));
    }
  }

  /// With everything that was left to defaults.
  std::string command_text() const {
    std::string text =
        fmt::format("pangu bench {}{} --sweep {}", subject_.shape.name.empty() ? "" : "--shape ",
                    subject_.title(), last_name(folder_));
    if (!lists_.formats.empty()) text += " --formats " + lists_.formats;
    if (!formats_.head.empty()) text += " --head-format " + formats_.head;
    if (!formats_.embedding.empty()) text += " --embedding-format " + formats_.embedding;
    if (!common_.kv_format.empty()) text += " --kv-format " + common_.kv_format;
    if (common_.numa == "off") text += " --numa off";
    text += fmt::format(" --isa {}", name(context_options(common_).isa));
    return text + fmt::format(
                      " --batches {} --contexts {} --thread-counts {} --tg {} --reps {} "
                      "--dtype {}",
                      lists_.batches, lists_.contexts, lists_.thread_counts, bench_.decode_tokens,
                      bench_.repetitions, common_.dtype);
  }

  void run_format(const std::string& format) {
    FormatOptions formats = formats_;
    if (!format.empty()) formats.layers = format;
    const int64_t before = resident_bytes();
    const Stopwatch watch;
    std::unique_ptr<LanguageModel> model;
    {
      ContextOptions options = context_options(common_);
      options.threads = sweep_.roof_threads;
      Context ctx(options);
      ProgressBar loading = frame_.bar("parameters");
      model = subject_.load(formats.parse(), frame_.progress(loading), ctx);
    }
    const double load_s = watch.seconds();
    for (const int threads : threads_) {
      for (const int64_t context : list_numbers(lists_.contexts)) {
        for (const int64_t batch : list_numbers(lists_.batches)) {
          BenchRun run = measure(*model, threads, context, batch);
          run.load_s = load_s;
          run.program_bytes = before;
          keep(std::move(run));
        }
      }
    }
  }

  /// A context of its own, so that no run is charged with the activations of a larger one.
  BenchRun measure(const LanguageModel& model, int threads, int64_t context, int64_t batch) {
    ContextOptions options = context_options(common_);
    options.threads = threads;
    Context ctx(options);
    BenchOptions bench = bench_;
    bench.prompt_tokens = context;
    bench.batch = batch;
    bench.kv = kv_format(common_);
    bench.verify = false;
    bench.progress = [&, show = frame_.progress(bar_)](std::string_view what, int64_t done,
                                                       int64_t total) {
      const auto runs = static_cast<int64_t>(sweep_.runs.size());
      show(what, runs * total + done, total_ * total);
    };
    bench.check = frame_.check();
    return run_bench(subject_, model, bench, ctx);
  }

  void keep(BenchRun run) {
    if (run.threads == sweep_.roof_threads) {
      sweep_.roofs.raise_bandwidth(run.result.read_bandwidth_bytes_per_s.max);
      sweep_.roofs.raise_peak(run.result.peak_arithmetic, run.result.peak_ops_per_s.max);
    }
    bar_.clear();
    if (!common_.json) {
      print(table_row(run));
      for (const std::string& remark : bench_remarks(run)) print("  " + remark + "\n");
    }
    sweep_.runs.push_back(std::move(run));
    write_file_atomically(path("bench.csv"), sweep_csv(sweep_));
    write_file_atomically(path("bench.md"), sweep_markdown(sweep_));
    write_file_atomically(path("bench.svg"), svg_plot(sweep_plot(sweep_)));
  }

  const BenchSubject& subject_;
  const FormatOptions& formats_;
  std::filesystem::path folder_;
  const BenchOptions& bench_;
  const CommonOptions& common_;
  const CommandFrame& frame_;
  ProgressBar bar_;
  SweepOptions lists_;  ///< with the defaults filled in
  std::vector<int> threads_;
  int64_t total_ = 0;
  Sweep sweep_;
};

}  // namespace

void add_sweep_options(CLI::App& command, SweepOptions& o) {
  CLI::Option* sweep =
      command
          .add_option("--sweep", o.folder,
                      "Measure every combination of the lists below and write bench.csv, bench.md "
                      "and the roofline plot bench.svg into this folder")
          ->type_name("DIR")
          ->group("Sweep");
  const auto list = [&](const char* flag, std::string& value, const CLI::Validator& check,
                        const char* what, const std::string& fallback, const char* instead_of) {
    CLI::Option* option = command.add_option(flag, value, what)
                              ->type_name("LIST")
                              ->default_str(fallback)
                              ->transform(set_of(check))
                              ->needs(sweep)
                              ->group("Sweep");
    if (instead_of) option->excludes(command.get_option(instead_of));
  };
  list("--formats", o.formats, one_of(weight_format_names()), "Weight formats",
       std::string(kShapeFormats) + " with --shape, else the checkpoint's", "--format");
  list("--batches", o.batches, whole_number(1, 4096), "Sequences at once", kBatches, "--batch");
  list("--contexts", o.contexts, whole_number(1, 1 << 24), "Prompt tokens", kContexts, "--pp");
  // $PANGU_THREADS may be set all the time, so --threads is no contradiction.
  list("--thread-counts", o.thread_counts, whole_number(1, 1024), "Threads", "--threads", nullptr);
}

void run_sweep(const BenchSubject& subject, const FormatOptions& formats, const SweepOptions& sweep,
               const BenchOptions& bench, const CommandFrame& frame) {
  SweepRunner(subject, formats, sweep, bench, frame).run();
}

}  // namespace pangu::app
