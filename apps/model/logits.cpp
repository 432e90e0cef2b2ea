// SPDX-License-Identifier: Apache-2.0
// pangu logits: the logits of every token of a text, in a safetensors file, for parity checks.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/machine_text.h"
#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/resources.h"
#include "base/utf8.h"
#include "ops/host.h"
#include "quant/float_rows.h"
#include "report/units.h"
#include "runtime/cache/context_length.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/model.h"

namespace pangu::app {
namespace {

struct LogitsOptions {
  CommonOptions common;
  std::string model;
  std::optional<std::string> prompt;
  std::optional<std::string> ids;
  std::string out;
  FormatOptions formats;
  std::int64_t chunk = 128;
};

Model load(const LogitsOptions& o, Context& ctx, const CommandFrame& frame) {
  ProgressBar bar = frame.bar("parameters");
  return load_model(o.model,
                    {.formats = o.formats.parse(),
                     .progress = frame.progress(bar),
                     .need_tokenizer = o.prompt.has_value()},
                    ctx);
}

void check_length(const ModelConfig& config, std::size_t tokens) {
  if (tokens == 0) {
    fail<InputError>("[logits] there are no tokens, so there are no logits. Give some text.");
  }
  if (config.sliding_window && static_cast<int64_t>(tokens) > *config.sliding_window) {
    fail<InputError>(
        "[logits] {} tokens were given, but this model attends to a sliding window of {}, and only "
        "texts up to that length are supported. Give fewer.",
        tokens, *config.sliding_window);
  }
}

/// Logits of tokens from number `first` on.
void require_numbers(const Tensor& logits, std::size_t first) {
  for (int64_t r = 0; r < logits.dim(0); ++r) {
    if (all_finite(logits.data<float>() + r * logits.dim(1), logits.dim(1))) continue;
    fail<NumericError>(
        "[logits] the logits of token number {} are not all finite numbers. Are there weights that "
        "are infinite or not a number? `pangu quantize` and `pangu convert` name such a weight. If "
        "there are none, --dtype f32 may help.",
        first + static_cast<std::size_t>(r));
  }
}

/// Runs the tokens in chunks, which changes no bit of the logits, and hands over the rows of each.
void stream_logits(const Model& model, Context& ctx, std::span<const TokenId> ids,
                   const LogitsOptions& o, const CommandFrame& frame, const ByteSink& sink) {
  ProgressBar bar = frame.bar("tokens");
  const auto check = frame.check();
  KvCache cache(model.network->kv_shape(kv_format(o.common)), static_cast<int64_t>(ids.size()),
                ctx.shared_device());
  const SequenceId sequence = cache.create();
  const auto chunk = static_cast<std::size_t>(o.chunk);
  for (std::size_t done = 0; done < ids.size(); done += chunk) {
    check();
    Batch batch;
    cache.append(sequence, ids.subspan(done, std::min(chunk, ids.size() - done)), Logits::kAll,
                 batch);
    const Tensor logits = to_host(model.network->forward(batch, cache.storage(), ctx));
    require_numbers(logits, done);
    sink(std::as_bytes(std::span(logits.data<float>(), static_cast<std::size_t>(logits.count()))));
    bar.update("computing", static_cast<int64_t>(done), static_cast<int64_t>(ids.size()));
  }
}

void report(const LogitsOptions& o, const Model& model, std::size_t tokens, double load_s,
            double seconds) {
  const int64_t vocab = model.config().vocab_size;
  const double rate = seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
  if (o.common.json) {
    Json json = {{"tokens", tokens},   {"vocab", vocab},   {"out", o.out},
                 {"seconds", seconds}, {"load_s", load_s}, {"tokens_per_s", rate}};
    add_machine_keys(json, o.common);
    print_json(json);
  }
  if (o.common.quiet) return;
  note(fmt::format("load    {}, peak memory {}; {}\nlogits  [{}, {}] in {}, {:.0f} tokens/s: {}\n",
                   seconds_text(load_s), bytes_text(peak_rss_bytes()), machine_text(o.common),
                   tokens, vocab, seconds_text(seconds), rate, o.out));
}

void logits_command(const LogitsOptions& o) {
  if (o.ids.has_value() == o.prompt.has_value()) {
    throw UsageError("give either --ids or -p: the tokens whose logits are wanted.");
  }
  std::vector<TokenId> ids;
  if (o.ids) ids = parse_ids(*o.ids);
  if (o.prompt) utf8::require_valid(*o.prompt, "the prompt");
  check_output(o.out, {.files = {}, .models = {o.model}});
  CommandFrame frame(o.common);
  Stopwatch watch;
  Context ctx(context_options(o.common));
  const Model model = load(o, ctx, frame);
  const double load_s = watch.seconds();
  watch.restart();
  if (o.prompt) ids = model.tokenizer->encode(*o.prompt);
  check_length(model.config(), ids.size());
  warn_past_training(model.config(), static_cast<int64_t>(ids.size()), o.model);
  const SafetensorsEntry entry{
      .name = "logits",
      .dtype = DType::kF32,
      .shape = {static_cast<int64_t>(ids.size()), model.config().vocab_size},
      .produce = [&](const ByteSink& sink) { stream_logits(model, ctx, ids, o, frame, sink); }};
  write_safetensors(o.out, std::span(&entry, 1));
  report(o, model, ids.size(), load_s, watch.seconds());
}

}  // namespace

void add_logits_command(CLI::App& app) {
  auto o = std::make_shared<LogitsOptions>();
  CLI::App* command = app.add_subcommand(
      "logits",
      "Writes the logits of every token of a text to a file\n"
      "\n"
      "Example:\n"
      "  pangu logits MODEL --ids 1,403,407 --dtype f32 --out logits.safetensors");
  add_model_argument(*command, o->model);
  auto* ids = command->add_option("--ids", o->ids, "Token ids")->type_name("1,2,3");
  ids->group("Input");
  command->add_option("-p,--prompt", o->prompt, "Text, in place of --ids")
      ->type_name("TEXT")
      ->excludes(ids)
      ->group("Input");
  command->add_option("--out", o->out, "File to write: tensor 'logits', f32 [tokens, vocab]")
      ->type_name("F.safetensors")
      ->required()
      ->group("Output");
  command->add_option("--chunk", o->chunk, "Tokens per pass; the logits do not depend on it")
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(1, 65536))
      ->group("Machine");
  add_common_options(*command, o->common);
  add_kv_format_option(*command, o->common);
  add_format_options(*command, o->formats);
  command->callback([o] { logits_command(*o); });
}

}  // namespace pangu::app
