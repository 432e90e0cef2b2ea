// SPDX-License-Identifier: Apache-2.0
#include "apps/session.h"

#include <fmt/format.h>

#include "apps/output.h"
#include "apps/progress_bar.h"
#include "base/log.h"

namespace pangu::app {
namespace {

Engine load_engine(const RunOptions& options, Interrupts& interrupts) {
  ProgressBar bar("parameters", !options.common.quiet && is_terminal_stderr());
  EngineOptions engine = engine_options(options.common);
  engine.need_chat_template = options.chat;
  engine.format = options.formats.layers;
  engine.head_format = options.formats.head;
  engine.embedding_format = options.formats.embedding;
  engine.context = options.context;
  engine.speculation = options.speculation.options();
  engine.progress = [&](std::string_view what, std::int64_t done, std::int64_t total) {
    interrupts.check();
    bar.update(what, done, total);
  };
  return Engine::load(options.model, engine);
}

/// Options that greedy decoding leaves without effect deserve a word.
void warn_of_idle_options(const SamplingFlags& flags, const SamplingOptions& sampling) {
  if (sampling.temperature > 0) return;
  if (flags.top_k || flags.top_p || flags.min_p || flags.seed) {
    log::warning(
        "--top-k, --top-p, --min-p and --seed have no effect at temperature 0, which is this "
        "model's default or was asked for; add --temp.");
  }
}

std::string sampling_text(const SamplingOptions& s) {
  if (s.temperature == 0) return "greedy";
  return fmt::format("temperature {}, top-k {}, top-p {}, min-p {}, seed {}", s.temperature,
                     s.top_k, s.top_p, s.min_p, s.seed);
}

}  // namespace

Session::Session(const RunOptions& options, Interrupts& interrupts)
    : options_(options), interrupts_(interrupts), engine_(load_engine(options, interrupts)) {
  summary_.load_s = engine_.load_seconds();
  generate_.sampling = options.sampling.over(engine_.default_sampling());
  generate_.max_tokens = options.max_tokens;
  generate_.stop = options.stop;
  generate_.ignore_eos = options.ignore_eos;
  generate_.top_logprobs = options.logprobs;
  warn_of_idle_options(options.sampling, generate_.sampling);
  log::info("{} loaded; context {}; {}", options.model, engine_.context(),
            sampling_text(generate_.sampling));
}

Answer Session::answer(std::span<const TokenId> prompt) {
  const bool streams = !options_.common.json;
  Answer answer;
  generate_.cancel = interrupts_.work();
  answer.generation = engine_.generate(prompt, generate_, [&](const GeneratedToken& token) {
    if (streams && !token.text.empty()) print(token.text);
    if (options_.logprobs >= 0 && token.id >= 0) answer.tokens.push_back(token);
  });
  if (streams) print("\n");
  summary_.add(answer.generation);
  return answer;
}

void Session::note_summary() const {
  if (options_.common.quiet) return;
  note((is_terminal_stderr() ? "\n" : "") + summary_text(summary_, options_.common));
}

}  // namespace pangu::app
