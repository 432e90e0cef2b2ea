// SPDX-License-Identifier: Apache-2.0
#include "apps/run/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/run/reply_printer.h"
#include "apps/shared/output.h"
#include "base/log.h"

namespace pangu::app {
namespace {

Engine load_engine(const RunOptions& options, const CommandFrame& frame) {
  ProgressBar bar = frame.bar("parameters");
  EngineOptions engine = engine_options(options.common);
  engine.need_chat_template = options.chat;
  engine.format = options.formats.layers;
  engine.head_format = options.formats.head;
  engine.embedding_format = options.formats.embedding;
  engine.context = options.context;
  engine.speculation = options.speculation.options();
  engine.progress = frame.progress(bar);
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

Session::Session(const RunOptions& options, CommandFrame& frame)
    : options_(options), frame_(frame), engine_(load_engine(options, frame)) {
  summary_.load_s = engine_.load_seconds();
  generate_.sampling = options.sampling.over(engine_.default_sampling());
  generate_.max_tokens = options.max_tokens;
  generate_.stop = options.stop;
  generate_.ignore_eos = options.ignore_eos;
  generate_.top_logprobs = options.logprobs;
  generate_.split_reasoning = options.chat;
  warn_of_idle_options(options.sampling, generate_.sampling);
  log::info("{} loaded; context {}; {}", options.model, engine_.context(),
            sampling_text(generate_.sampling));
}

Answer Session::answer(std::span<const TokenId> prompt) {
  const bool streams = !options_.common.json;
  ReplyPrinter printer(options_.show_thinking);
  Answer answer;
  generate_.cancel = frame_.interrupts().work();
  answer.generation = engine_.generate(prompt, generate_, [&](const GeneratedToken& token) {
    if (streams) printer.add(token);
    if (options_.logprobs >= 0 && token.id >= 0) answer.tokens.push_back(token);
  });
  if (streams) printer.end();
  summary_.add(answer.generation);
  warn_of_missing_parts(answer.generation, streams && !printer.shows_reasoning());
  return answer;
}

void Session::warn_of_missing_parts(const Generation& g, bool hides_reasoning) const {
  if (g.context_full) {
    log::warning(
        "[context] the reply was cut off: the context of {} tokens is full. --ctx makes it larger; "
        "the model was trained for {}.",
        engine_.context(), engine_.trained_context());
  }
  const bool only_thought = g.text.empty() && !g.reasoning.empty();
  if (only_thought && g.finish_reason != FinishReason::kCancelled) {
    log::warning("[chat] the reply ended before the model came to an answer.{}",
                 hides_reasoning ? " --show-thinking shows what it thought." : "");
  }
}

std::int64_t Session::reply_room() const {
  const std::int64_t quarter = std::max<std::int64_t>(engine_.context() / 4, 1);
  const std::int64_t wanted = options_.max_tokens < 0 ? quarter : options_.max_tokens;
  return std::clamp<std::int64_t>(wanted, 1, quarter);
}

void Session::note_summary() const {
  frame_.say((is_terminal_stderr() ? "\n" : "") + summary_text(summary_, options_.common));
}

}  // namespace pangu::app
