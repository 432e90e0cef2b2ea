// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_replay.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/shared/commands.h"
#include "apps/shared/lists.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/output.h"
#include "measure/busy_machine.h"
#include "measure/replay.h"

namespace pangu::app {
namespace {

Json ways_json(const std::vector<ReplayWay>& ways) {
  Json out;
  for (const ReplayWay& way : ways) {
    Json& json = out[std::string(name(way.mode))];
    json = {{"tokens_per_s", json_of(way.tokens_per_s)}, {"speed_up", json_of(way.speed_up)}};
    add_speculation_keys(json, way.speculation);
  }
  return out;
}

Json replay_json(const std::vector<ReplayResult>& results) {
  Json list = Json::array();
  for (const ReplayResult& r : results) {
    list.push_back({{"name", r.name},
                    {"replies", r.replies},
                    {"tokens", r.tokens},
                    {"plain_tokens_per_s", json_of(r.plain_tokens_per_s)},
                    {"ways", ways_json(r.ways)}});
  }
  return list;
}

std::string replay_text(const std::vector<ReplayResult>& results) {
  std::size_t width = 9;
  for (const ReplayResult& r : results) width = std::max(width, r.name.size());
  std::string text = fmt::format(
      "{:<{}}  tokens  spec    tokens/s  speed-up             right  a pass\n", "recording", width);
  for (const ReplayResult& r : results) {
    text += fmt::format("{:<{}}  {:6}  off     {:8.1f}\n", r.name, width, r.tokens,
                        r.plain_tokens_per_s.median);
    for (const ReplayWay& way : r.ways) {
      text += fmt::format(
          "{:<{}}  {:6}  {:<6}  {:8.1f}  {:4.2f} ({:.2f} to {:.2f})  {:4.0f}%  {:6.2f}\n", "",
          width, "", name(way.mode), way.tokens_per_s.median, way.speed_up.median, way.speed_up.min,
          way.speed_up.max, 100 * way.speculation.acceptance(), way.speculation.tokens_per_pass());
    }
  }
  return text;
}

std::vector<std::string> modes_of(const ReplayFlags& flags) {
  return flags.modes.empty() ? std::vector<std::string>() : list_items(flags.modes);
}

/// The draft model, if one of the ways makes use of it.
std::optional<Model> load_draft(const std::vector<SpeculationOptions>& ways,
                                const LoadModelOptions& options, Context& ctx) {
  const auto user = std::ranges::find_if(ways, &SpeculationOptions::uses_draft_model);
  if (user == ways.end()) return std::nullopt;
  return load_model(user->draft_model, options, ctx);
}

}  // namespace

void add_replay_options(CLI::App& command, ReplayFlags& flags) {
  command
      .add_option("--spec", flags.modes,
                  "Compare with plain decoding: pld, suffix, draft, self or auto, or several with "
                  "commas")
      ->type_name("MODES")
      ->transform(list_of(speculation_mode()))
      ->group("Speculation");
  add_speculation_options(command, flags.speculation, "", false);
  command
      .add_option("--replay", flags.file,
                  "With --spec: recorded replies, JSON lines with prompt and reply as lists of "
                  "token ids (pangu eval --record)")
      ->type_name("FILE")
      ->default_str("made-up ones")
      ->group("Speculation");
}

void check_replay_usage(const CLI::App& command, const ReplayFlags& flags) {
  if (flags.modes.empty() && !flags.file.empty()) {
    throw UsageError("--replay compares with plain decoding: add --spec.");
  }
  check_speculation_usage(command, modes_of(flags));
}

void run_replay_bench(const BenchSubject& subject, const FormatOptions& formats,
                      const ReplayFlags& flags, const BenchOptions& bench, CommandFrame& frame) {
  const CommonOptions& common = frame.common();
  ReplayOptions options{
      .ways = {}, .kv = kv_format(common), .repetitions = bench.repetitions, .progress = {}};
  for (SpeculationFlags way = flags.speculation; const std::string& mode : modes_of(flags)) {
    way.mode = mode;
    options.ways.push_back(way.options());
  }
  Context ctx(context_options(common));
  ProgressBar bar = frame.bar("");
  const ProgressFn progress = frame.progress(bar);
  Model model;
  model.path = subject.given();
  model.network = subject.load(formats.parse(), progress, ctx);
  const std::optional<Model> draft =
      load_draft(options.ways,
                 {.formats = formats.parse(), .progress = progress, .need_tokenizer = false}, ctx);
  const std::int64_t vocabulary = model.known_ids();
  const auto recordings =
      flags.file.empty()
          ? synthetic_recordings(vocabulary, std::max<int64_t>(bench.prompt_tokens, 64),
                                 std::max<int64_t>(bench.decode_tokens, 2))
          : read_recordings(flags.file, vocabulary);
  options.progress = progress;
  options.cancel = frame.interrupts().work();
  const OtherLoadMeter load;
  const auto results = run_replay(model, draft ? &*draft : nullptr, ctx, recordings, options);
  const std::optional<std::string> busy = busy_remark(load.load());
  bar.clear();
  if (common.json) {
    Json json = {{"model", subject.given()},
                 {"spec", modes_of(flags)},
                 {"repetitions", bench.repetitions},
                 {"recordings", replay_json(results)},
                 {"remarks", busy ? Json::array({*busy}) : Json::array()}};
    add_machine_keys(json, common);
    print_json(json);
  } else {
    print(replay_text(results));
    if (busy) print("remark: " + *busy + "\n");
  }
}

}  // namespace pangu::app
