// SPDX-License-Identifier: Apache-2.0
#include "apps/bench_replay.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "apps/commands.h"
#include "apps/output.h"
#include "apps/progress_bar.h"
#include "apps/summary.h"
#include "runtime/replay.h"

namespace pangu::app {
namespace {

Json replay_json(const std::vector<ReplayResult>& results) {
  Json list = Json::array();
  for (const ReplayResult& r : results) {
    Json json = {{"name", r.name},
                 {"tokens", r.tokens},
                 {"plain_tokens_per_s", json_of(r.plain_tokens_per_s)},
                 {"tokens_per_s", json_of(r.tokens_per_s)},
                 {"speed_up", json_of(r.speed_up)}};
    add_speculation_keys(json, r.speculation);
    list.push_back(std::move(json));
  }
  return list;
}

std::string replay_text(const std::vector<ReplayResult>& results, const std::string& mode) {
  std::size_t width = 9;
  for (const ReplayResult& r : results) width = std::max(width, r.name.size());
  std::string text = fmt::format(
      "{:<{}}  tokens   plain/s  {:>8}/s  speed-up            right  "
      "a pass\n",
      "recording", width, mode);
  for (const ReplayResult& r : results) {
    text += fmt::format(
        "{:<{}}  {:6}  {:8.1f}  {:10.1f}  {:.2f} ({:.2f} to {:.2f})  {:4.0f}%  {:6.2f}\n", r.name,
        width, r.tokens, r.plain_tokens_per_s.median, r.tokens_per_s.median, r.speed_up.median,
        r.speed_up.min, r.speed_up.max, 100 * r.speculation.acceptance(),
        r.speculation.tokens_per_pass());
  }
  return text;
}

}  // namespace

void add_replay_options(CLI::App& command, ReplayFlags& flags) {
  add_speculation_options(command, flags.speculation);
  command
      .add_option("--replay", flags.file,
                  "With --spec: recorded replies, JSON lines with prompt and reply as lists of "
                  "token ids (pangu eval --record)")
      ->type_name("FILE")
      ->default_str("made-up ones")
      ->group("Speculation");
}

void run_replay_bench(const BenchSubject& subject, const FormatOptions& formats,
                      const ReplayFlags& flags, const BenchOptions& bench,
                      const CommonOptions& common, const Interrupts& interrupts) {
  ReplayOptions options{.speculation = flags.speculation.options(),
                        .kv = kv_format(common),
                        .repetitions = bench.repetitions,
                        .progress = {}};
  if (options.speculation.mode == SpeculationMode::kOff) {
    throw UsageError("--replay compares with plain decoding: add --spec.");
  }
  Context ctx(context_options(common));
  const bool visible = !common.quiet && is_terminal_stderr();
  ProgressBar bar("", visible);
  const ProgressFn progress = [&](std::string_view what, int64_t done, int64_t total) {
    interrupts.check();
    bar.update(what, done, total);
  };
  Model model;
  model.path = subject.given();
  model.decoder = std::make_unique<Decoder>(subject.load(formats.parse(), progress, ctx));
  std::optional<Model> draft;
  if (!flags.speculation.draft.empty()) {
    draft = load_model(flags.speculation.draft,
                       {.formats = formats.parse(), .progress = progress, .need_tokenizer = false},
                       ctx);
  }
  const std::int64_t vocabulary = model.known_ids();
  const auto recordings =
      flags.file.empty()
          ? synthetic_recordings(vocabulary, std::max<int64_t>(bench.prompt_tokens, 64),
                                 std::max<int64_t>(bench.decode_tokens, 2))
          : read_recordings(flags.file, vocabulary);
  options.progress = progress;
  const auto results = run_replay(model, draft ? &*draft : nullptr, ctx, recordings, options);
  bar.clear();
  if (common.json) {
    Json json = {{"model", subject.given()},
                 {"spec", flags.speculation.mode},
                 {"repetitions", bench.repetitions},
                 {"recordings", replay_json(results)}};
    add_machine_keys(json, common);
    print_json(json);
  } else {
    print(replay_text(results, flags.speculation.mode));
  }
}

}  // namespace pangu::app
