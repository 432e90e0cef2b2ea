// SPDX-License-Identifier: Apache-2.0
#include "eval/eval.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/resources.h"
#include "base/unix_text.h"
#include "base/utf8.h"
#include "data/json_lines.h"
#include "eval/code_tests.h"
#include "eval/tasks.h"
#include "eval/test_pool.h"
#include "io/mapped_file.h"
#include "runtime/cache/context_length.h"

namespace pangu::eval {
namespace {

constexpr std::array<std::string_view, 6> kTaskNames{"ppl", "mcq", "gsm8k", "code", "match", "kl"};

Rows parse(Task task, std::string_view content, const std::string& file, std::int64_t limit) {
  switch (task) {
    case Task::kPerplexity:
    case Task::kDivergence:
      return parse_text_rows(content, file, limit);
    case Task::kChoice:
      return parse_choice_rows(content, file, limit);
    case Task::kMath:
      return parse_math_rows(content, file, limit);
    case Task::kCode:
      return parse_code_rows(content, file, limit);
    case Task::kMatch:
      break;
  }
  return parse_match_rows(content, file, limit);
}

Rows read(Task task, const std::filesystem::path& path, std::int64_t limit) {
  const MappedFile file(path);
  const std::string_view content(reinterpret_cast<const char*>(file.data()), file.size());
  const bool takes_text = task == Task::kPerplexity || task == Task::kDivergence;
  if (!takes_text || is_json_lines(path)) {
    return parse(task, content, path.string(), limit);
  }
  utf8::require_valid(content, path.string());
  return std::vector<TextRow>{{.info = {.line = 1, .groups = {}}, .text = unix_text(content)}};
}

/// Moves the first n rows out of `from`.
Rows take_front(Rows& from, std::int64_t n) {
  return std::visit(
      [n](auto& rows) -> Rows {
        const auto end = rows.begin() + std::min<std::ptrdiff_t>(n, std::ssize(rows));
        auto front = std::remove_reference_t<decltype(rows)>(rows.begin(), end);
        rows.erase(rows.begin(), end);
        return front;
      },
      from);
}

std::int64_t count(const Rows& rows) {
  return std::visit([](const auto& r) { return static_cast<std::int64_t>(r.size()); }, rows);
}

}  // namespace

std::string_view name(Task task) {
  return kTaskNames[static_cast<std::size_t>(task)];
}

Task parse_task(std::string_view text) {
  for (std::size_t i = 0; i < kTaskNames.size(); ++i) {
    if (kTaskNames[i] == text) return static_cast<Task>(i);
  }
  fail<ConfigError>(
      "[eval] there is no task '{}'. ppl, kl, mcq, gsm8k, code or match was expected.", text);
}

EvalData load_eval_data(const EvalOptions& o) {
  EvalData data;
  const bool from_data = o.shots > 0 && o.shots_data.empty();
  const std::int64_t wanted = o.limit < 0 ? -1 : o.limit + (from_data ? o.shots : 0);
  data.rows = read(o.task, o.data, wanted);
  Rows rest;
  if (o.shots > 0 && !from_data) rest = read(o.task, o.shots_data, o.shots);
  data.shots = take_front(from_data ? data.rows : rest, o.shots);
  if (count(data.shots) < o.shots || count(data.rows) == 0) {
    fail<ConfigError>(
        "[eval] {} examples were asked for, but {} has {} rows{}. Use fewer (--shots) or another "
        "file (--shots-file).",
        o.shots, (from_data ? o.data : o.shots_data).string(),
        count(data.shots) + (from_data ? count(data.rows) : 0),
        from_data ? ", and some must be left to score" : "");
  }
  return data;
}

std::int64_t Setting::context() const {
  return options.context > 0 ? options.context : default_context(model.config());
}

bool Setting::chat(bool task_default) const {
  if (options.form == PromptForm::kChat) return true;
  const bool has_template = model.tokenizer && !model.tokenizer->chat_template().empty();
  return options.form == PromptForm::kDefault && task_default && has_template;
}

std::int64_t split_at(std::span<const TokenId> context, std::span<const TokenId> whole) {
  return std::mismatch(context.begin(), context.end(), whole.begin(), whole.end()).second -
         whole.begin();
}

void add_item(EvalResult& result, EvalItem item, const EvalHooks& hooks) {
  result.items.push_back(std::move(item));
  if (hooks.progress) {
    hooks.progress(static_cast<std::int64_t>(result.items.size()), result.planned,
                   running_score(result));
  }
}

void set_verdict(EvalItem& item, const CodeVerdict& verdict) {
  item.measures = {{verdict.passed ? 1.0 : 0.0, 1}};
  item.details["passed"] = verdict.passed;
  item.details["end"] = name(verdict.run.end);
  item.details["status"] = verdict.run.status;
  item.details["log"] = verdict.run.output;
}

EvalResult evaluate(const Model& model, Context& ctx, const EvalOptions& options,
                    const EvalData& data, const Sandbox* sandbox, const EvalHooks& hooks,
                    const Model* draft) {
  if (options.task == Task::kDivergence) {
    fail<ConfigError>(
        "[eval] kl compares a model with a reference, and there is none here. Record one, or use "
        "another task.");
  }
  const Setting setting{model, ctx, options, hooks, draft};
  const Stopwatch watch;
  EvalResult result;
  if (options.task == Task::kPerplexity) {
    result = run_perplexity(setting, std::get<std::vector<TextRow>>(data.rows));
  } else if (options.task == Task::kChoice) {
    const bool has_shots = count(data.shots) > 0;
    result = run_choices(
        setting, std::get<std::vector<ChoiceRow>>(data.rows),
        has_shots ? std::get<std::vector<ChoiceRow>>(data.shots) : std::vector<ChoiceRow>());
  } else {
    result = run_replies(setting, data, sandbox);
  }
  std::sort(result.items.begin(), result.items.end(),
            [](const EvalItem& a, const EvalItem& b) { return a.info.line < b.info.line; });
  result.task = name(options.task);
  result.partial = static_cast<std::int64_t>(result.items.size()) < result.planned;
  result.seconds = watch.seconds();
  return result;
}

EvalResult check_references(const EvalOptions& options, const EvalData& data,
                            const Sandbox& sandbox, const EvalHooks& hooks) {
  const auto& rows = std::get<std::vector<CodeRow>>(data.rows);
  const Stopwatch watch;
  EvalResult result;
  result.task = name(Task::kCode);
  result.measured = {{"pass@1", MetricKind::kShare}};
  result.planned = std::ssize(rows);
  result.settings = {{"references", true}};
  TestPool pool(sandbox, options.limits, options.jobs, hooks.cancel);
  for (const CodeRow& row : rows) pool.submit(row, {reference_code(row)});
  for (auto done = pool.take(true); !done.empty(); done = pool.take(true)) {
    for (const TestPool::Done& one : done) {
      if (one.verdict.run.end == SandboxRun::End::kCancelled) continue;
      EvalItem item;
      item.info = rows[one.number].info;
      set_verdict(item, one.verdict);
      add_item(result, std::move(item), hooks);
    }
  }
  std::sort(result.items.begin(), result.items.end(),
            [](const EvalItem& a, const EvalItem& b) { return a.info.line < b.info.line; });
  result.partial = std::ssize(result.items) < result.planned;
  result.seconds = watch.seconds();
  return result;
}

}  // namespace pangu::eval
