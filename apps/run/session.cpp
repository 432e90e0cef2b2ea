// SPDX-License-Identifier: Apache-2.0
#include "apps/run/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/run/reply_printer.h"
#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/output.h"
#include "base/log.h"
#include "io/bundle_default.h"
#include "io/locate_model.h"
#include "runtime/engine_parts.h"

namespace pangu::app {
namespace {

EngineOptions engine_options_of(const RunOptions& options, ProgressBar& bar,
                                const CommandFrame& frame) {
  EngineOptions engine = engine_options(options.common, options.formats);
  engine.need_chat_template = options.chat;
  engine.context = options.context;
  engine.speculation = options.speculation.options();
  engine.progress = frame.progress(bar);
  return engine;
}

adaptive::Bundle bundle_to_route(const std::string& name) {
  if (bundle_default(name)) return adaptive::read_bundle(name);
  std::error_code error;
  if (!std::filesystem::exists(name, error) && find_bundled_model(name).empty()) {
    fail<FileError>("[run] there is no '{}'. A bundle was expected: pangu optimize makes one.",
                    name);
  }
  throw UsageError(fmt::format(
      "--auto chooses among the weights of a bundle, and {} is none. Make one with pangu optimize.",
      name));
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
    : options_(options), frame_(frame), bar_(frame.bar("parameters")) {
  const EngineOptions engine = engine_options_of(options, bar_, frame);
  if (options.automatic) {
    routed_ = std::make_unique<adaptive::RoutedEngines>(
        bundle_to_route(options.model),
        adaptive::RoutedOptions{.engine = engine,
                                .classifier = context_options(options.common),
                                .decisions = options.decisions});
    return;
  }
  engine_ = Engine::load(options.model, engine);
  bar_.clear();
  chooser_ = thinking_chooser(options.thinking, EngineParts::model(*engine_),
                              EngineParts::context(*engine_));
  configure();
}

void Session::configure() {
  summary_.load_s = routed_ ? routed_->load_seconds() : engine_->load_seconds();
  if (is_configured_) return;
  is_configured_ = true;
  generate_.sampling = options_.sampling.over(engine().default_sampling());
  generate_.max_tokens = options_.max_tokens;
  generate_.stop = options_.stop;
  generate_.ignore_eos = options_.ignore_eos;
  generate_.top_logprobs = options_.logprobs;
  generate_.split_reasoning = options_.chat;
  generate_.think_budget = options_.thinking.think_budget();
  generate_.end_think_loops = options_.chat && options_.thinking.end_loops();
  generate_.grammar = make_grammar(options_.grammar, engine().tokenizer());
  check_thinking_options(*options_.app, *engine().tokenizer(), options_.model);
  remark_idle_thinking_options(*options_.app, options_.thinking);
  warn_of_idle_options(options_.sampling, generate_.sampling);
  log::info("{} loaded; context {}; {}", options_.model, engine().context(),
            sampling_text(generate_.sampling));
}

void Session::prepare(std::span<const Message> messages) {
  if (routed_) route(messages);
  if (!chooser_) return;
  decision_ = chooser_->decide(messages);
  frame_.say("think   " + adaptive::thinking_text(*decision_) + "\n");
}

void Session::route(std::span<const Message> messages) {
  route_ = &routed_->prepare(messages);
  bar_.clear();
  if (options_.explain) {
    note("route   " + adaptive::route_text(route_->recognised, route_->route) + "\n");
  }
  configure();
}

Thinking Session::thinking() const {
  if (decision_) return decision_->thinking;
  const bool is_chosen = route_ && options_.app->count("--think") == 0;
  return is_chosen ? route_->route.way.thinking : options_.thinking.mode();
}

void Session::begin_conversation() {
  if (routed_) routed_->begin_conversation();
}

Answer Session::answer(std::span<const TokenId> prompt) {
  const bool streams = !options_.common.json;
  ReplyPrinter printer(options_.show_thinking);
  Answer answer;
  generate_.cancel = frame_.interrupts().work();
  Engine& engine = routed_ ? routed_->engine() : *engine_;
  answer.generation = engine.generate(prompt, generate_, [&](const GeneratedToken& token) {
    if (streams) printer.add(token);
    if (options_.logprobs >= 0 && token.id >= 0) answer.tokens.push_back(token);
  });
  if (streams) printer.end();
  if (routed_) routed_->answered(answer.generation);
  summary_.add(answer.generation);
  warn_of_missing_parts(answer.generation, streams && !printer.shows_reasoning());
  return answer;
}

void Session::warn_of_missing_parts(const Generation& g, bool hides_reasoning) const {
  if (g.context_full) {
    log::warning(
        "[context] the reply was cut off: the context of {} tokens is full. --ctx makes it larger; "
        "the model was trained for {}.",
        engine().context(), engine().trained_context());
  }
  if (generate_.grammar && g.finish_reason == FinishReason::kLength) {
    log::warning(
        "[grammar] the reply was cut off before it was complete: it does not satisfy {}.{}",
        given_options(*options_.app, kGrammarOptions),
        g.context_full ? "" : " A larger --max-tokens lets it end.");
  }
  if (g.thinking_end == ThinkingEnd::kLoop) {
    log::warning(
        "[think] the model thought the same over and over: its thinking was closed after {} "
        "tokens. "
        "--think-loops keep lets it go on.",
        g.thinking_tokens);
  }
  const bool only_thought = g.text.empty() && !g.reasoning.empty();
  if (only_thought && g.finish_reason != FinishReason::kCancelled) {
    log::warning("[chat] the reply ended before the model came to an answer.{}",
                 hides_reasoning ? " --show-thinking shows what it thought." : "");
  }
}

std::int64_t Session::reply_room() const {
  const std::int64_t quarter = std::max<std::int64_t>(engine().context() / 4, 1);
  const std::int64_t wanted = options_.max_tokens < 0 ? quarter : options_.max_tokens;
  return std::clamp<std::int64_t>(wanted, 1, quarter);
}

void Session::note_summary() const {
  frame_.say((is_terminal_stderr() ? "\n" : "") + summary_text(summary_, options_.common));
}

}  // namespace pangu::app
