// SPDX-License-Identifier: Apache-2.0
// Scores of a model on a file of tasks. docs/eval.md defines every one of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "eval/result.h"
#include "eval/rows.h"
#include "eval/sandbox.h"
#include "pangu/chat.h"
#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "runtime/model.h"

namespace pangu::eval {

enum class Task { kPerplexity, kChoice, kMath, kCode, kMatch, kDivergence };

/// "ppl", "mcq", "gsm8k", "code", "match", "kl".
std::string_view name(Task task);
/// Throws ConfigError for another name.
Task parse_task(std::string_view name);

enum class PromptForm {
  kDefault,  ///< chat for tasks that generate, where the model has a template; else plain
  kPlain,
  kChat
};

/// How to think about one item, and what its prediction tells of why.
struct ThinkingChoice {
  Thinking thinking = Thinking::kDefault;
  Json details = Json::object();
};
/// Decides for many conversations at once, one choice for each.
using ChooseThinking =
    std::function<std::vector<ThinkingChoice>(std::span<const std::vector<Message>>)>;

struct EvalOptions {
  Task task = Task::kPerplexity;
  std::filesystem::path data;
  std::int64_t limit = -1;  ///< items; -1: all
  std::int64_t batch = 16;  ///< texts or replies at the same time
  PromptForm form = PromptForm::kDefault;
  Thinking thinking = Thinking::kDefault;
  ChooseThinking choose_thinking = {};  ///< of replies in chats, in place of `thinking`; or empty
  // Of chats, as GenerateOptions has them; plain replies are written as they come.
  std::int64_t think_budget = -1;
  bool end_think_loops = true;
  std::int64_t shots = 0;            ///< solved examples before every question
  std::filesystem::path shots_data;  ///< where they come from; empty: the first rows of `data`
  std::int64_t max_tokens = 512;     ///< of a reply
  SamplingOptions sampling = {.temperature = 0.0f};  ///< item i draws with choice_seed(seed, i)
  std::int64_t context = 0;  ///< tokens of prompt and reply; 0: the model's, at most 4096
  /// Of ppl and kl: tokens that a pass looks at; 0: the context, at most 2048.
  std::int64_t window = 0;
  std::int64_t stride = 0;      ///< of ppl and kl: tokens a window scores; 0: half the window
  std::int64_t positions = -1;  ///< of kl: that are compared, at most; -1: all
  bool first_line = false;      ///< of match: the first line of a reply is the answer
  SandboxLimits limits;         ///< of code
  int jobs = 1;                 ///< of code: programs that run at the same time
  KvFormat kv = KvFormat::kBF16;
  /// Of replies; changes speed and nothing else.
  SpeculationOptions speculation = {.mode = SpeculationMode::kOff};
};

using Rows = std::variant<std::vector<TextRow>, std::vector<ChoiceRow>, std::vector<MathRow>,
                          std::vector<CodeRow>, std::vector<MatchRow>>;

/// What is to be evaluated, read and checked.
struct EvalData {
  Rows rows;   ///< without the examples
  Rows shots;  ///< of the same kind; as many as were asked for
};

/// Reads the files that options name, before a model is loaded. Throws FileError and ConfigError
/// naming file and line; ConfigError if there are fewer rows than examples.
EvalData load_eval_data(const EvalOptions& options);

struct EvalHooks {
  /// Called as items are done, with the score so far.
  std::function<void(std::int64_t done, std::int64_t total, double score)> progress = {};
  /// Ends the evaluation with the items that are done; the result is marked as partial.
  std::stop_token cancel = {};
};

/// Scores every item. Results do not depend on `batch`, bit for bit. `sandbox` is needed for code.
/// Throws InputError for items that cannot be asked, ConfigError for options that do not fit the
/// model, OutOfMemory if the cache does not fit the machine.
/// `draft` is the draft model of the speculation options, if they name one. Of kl, which needs a
/// reference, see eval/divergence.h: here it is a ConfigError.
EvalResult evaluate(const Model& model, Context& ctx, const EvalOptions& options,
                    const EvalData& data, const Sandbox* sandbox, const EvalHooks& hooks = {},
                    const Model* draft = nullptr);

/// Scores the solutions in the file itself: shows that tests and sandbox work. Needs no model.
EvalResult check_references(const EvalOptions& options, const EvalData& data,
                            const Sandbox& sandbox, const EvalHooks& hooks = {});

}  // namespace pangu::eval
