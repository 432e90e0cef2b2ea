// SPDX-License-Identifier: Apache-2.0
// Replies are generated in one batch; each is judged as soon as it is over. Code is judged on
// threads of its own, because a program may take as long as many passes over the model.
#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "eval/answers.h"
#include "eval/code_answer.h"
#include "eval/numbers.h"
#include "eval/prompts.h"
#include "eval/tasks.h"
#include "eval/test_pool.h"
#include "runtime/generate/batch_generator.h"

namespace pangu::eval {
namespace {

std::vector<MetricInfo> metrics_of(Task task) {
  switch (task) {
    case Task::kMath:
      return {{"flexible", MetricKind::kShare}, {"strict", MetricKind::kShare}};
    case Task::kCode:
      return {{"pass@1", MetricKind::kShare}};
    default:
      return {{"exact_match", MetricKind::kShare}};
  }
}

double mark(bool right) {
  return right ? 1.0 : 0.0;
}

class ReplyTask {
 public:
  ReplyTask(const Setting& s, const EvalData& data, const Sandbox* sandbox)
      : s_(s), data_(data), chat_(s.chat(true)) {
    if (sandbox) pool_.emplace(*sandbox, s.options.limits, s.options.jobs, s.hooks.cancel);
    result_.measured = metrics_of(s.options.task);
    std::visit([this](const auto& rows) { encode(rows); }, data.rows);
    result_.planned = std::ssize(prompts_);
  }

  EvalResult run() {
    const EvalOptions& o = s_.options;
    std::int64_t longest = 0;
    for (const auto& prompt : prompts_) longest = std::max(longest, std::ssize(prompt));
    const std::int64_t context =
        std::min(s_.context(), longest + std::max<std::int64_t>(o.max_tokens, 1));
    BatchGenerator generator(s_.model, s_.ctx,
                             {.max_replies = o.batch,
                              .context = context,
                              .cache_positions = o.batch * context,
                              .kv = o.kv,
                              .speculation = o.speculation},
                             s_.draft);
    for (std::size_t i = 0; i < prompts_.size(); ++i) {
      GenerateOptions generate{.sampling = o.sampling,
                               .max_tokens = o.max_tokens,
                               .split_reasoning = true,
                               .think_budget = chat_ ? o.think_budget : -1,
                               .end_think_loops = chat_ && o.end_think_loops};
      generate.sampling.seed = choice_seed(o.sampling.seed, static_cast<std::uint32_t>(i));
      if (!chat_) generate.stop = stops_[i];
      generator.submit(prompts_[i], generate);
    }
    for (bool more = true; more && !s_.hooks.cancel.stop_requested();) {
      more = generator.step();
      for (const auto& [number, generation] : generator.take_finished()) {
        take(static_cast<std::size_t>(number), generation);
        result_.speculation.add(generation.speculation);
      }
      collect(false);
    }
    collect(true);
    report(generator.stats());
    return std::move(result_);
  }

 private:
  template <class Row>
  void encode(const std::vector<Row>& rows) {
    if constexpr (std::is_same_v<Row, MathRow> || std::is_same_v<Row, CodeRow> ||
                  std::is_same_v<Row, MatchRow>) {
      std::vector<PromptText> shots;
      if (s_.options.shots > 0) {
        for (const Row& row : std::get<std::vector<Row>>(data_.shots)) {
          shots.push_back(prompt_of(row));
        }
      }
      std::vector<PromptText> texts;
      for (const Row& row : rows) texts.push_back(prompt_of(row));
      choose_thinking(texts, shots);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const Thinking thinking = choices_.empty() ? s_.options.thinking : choices_[i].thinking;
        auto ids = encode_prompt(s_.model, texts[i], shots, chat_, thinking);
        cut_to_context(ids);
        prompts_.push_back(std::move(ids));
        stops_.push_back(std::move(texts[i].stop));
      }
    } else {
      fail<ConfigError>("[eval] these rows are not answered by replies.");
    }
  }

  void choose_thinking(const std::vector<PromptText>& texts, const std::vector<PromptText>& shots) {
    if (!chat_ || !s_.options.choose_thinking) return;
    std::vector<std::vector<Message>> conversations;
    for (const PromptText& text : texts) conversations.push_back(conversation_of(text, shots));
    choices_ = s_.options.choose_thinking(conversations);
    if (choices_.size() == texts.size()) return;
    fail<ShapeError>("[eval] {} ways of thinking were chosen for {} items. One each was expected.",
                     choices_.size(), texts.size());
  }

  void note_choice(std::size_t i, EvalItem& item) {
    if (choices_.empty()) return;
    const ThinkingChoice& choice = choices_[i];
    if (choice.thinking == Thinking::kFast) ++result_.chosen_fast;
    if (choice.thinking == Thinking::kSlow) ++result_.chosen_slow;
    item.details["think"] = choice.details;
  }

  /// Half of the context, or what the reply leaves, is for the prompt; its end matters most.
  void cut_to_context(std::vector<TokenId>& ids) {
    const std::int64_t context = s_.context();
    const std::int64_t room =
        context - std::min(std::max<std::int64_t>(s_.options.max_tokens, 1), context / 2);
    const std::int64_t excess = std::ssize(ids) - std::max<std::int64_t>(room, 1);
    if (excess <= 0) return;
    ++n_truncated_;
    ids.erase(ids.begin(), ids.begin() + excess);
  }

  void take(std::size_t i, const Generation& g) {
    ++result_.replies;
    if (g.finish_reason == FinishReason::kLength) ++result_.cut_replies;
    result_.thinking.add(g);
    EvalItem item;
    item.prompt = prompts_[i];
    item.reply = g.ids;
    item.details = {
        {"output", g.text}, {"finish_reason", name(g.finish_reason)}, {"tokens", g.ids.size()}};
    if (g.thinking_end != ThinkingEnd::kNone) {
      item.details["reasoning"] = g.reasoning;
      item.details["thinking_tokens"] = g.thinking_tokens;
      item.details["thinking_end"] = name(g.thinking_end);
    }
    note_choice(i, item);
    std::visit([&](const auto& rows) { judge(rows[i], g.text, std::move(item)); }, data_.rows);
  }

  void judge(const MathRow& row, const std::string& answer, EvalItem item) {
    const auto strict = find_marked_number(answer), flexible = find_answer_number(answer);
    item.info = row.info;
    item.measures = {{mark(flexible == row.number), 1}, {mark(strict == row.number), 1}};
    item.details["expected"] = row.number;
    item.details["found"] = flexible ? Json(*flexible) : Json();
    item.details["found_strict"] = strict ? Json(*strict) : Json();
    add_item(result_, std::move(item), s_.hooks);
  }

  void judge(const MatchRow& row, const std::string& answer, EvalItem item) {
    const std::string_view found = s_.options.first_line ? first_line(answer) : trimmed(answer);
    item.info = row.info;
    item.measures = {{mark(found == trimmed(row.answer)), 1}};
    item.details["expected"] = row.answer;
    item.details["found"] = found;
    add_item(result_, std::move(item), s_.hooks);
  }

  void judge(const CodeRow& row, const std::string& answer, EvalItem item) {
    item.info = row.info;
    pool_->submit(row, code_candidates(row, answer, chat_));
    in_tests_.push_back(std::move(item));
  }

  void judge(const TextRow&, const std::string&, const EvalItem&) {}
  void judge(const ChoiceRow&, const std::string&, const EvalItem&) {}

  /// Takes the verdicts that are there, or waits for all of them.
  void collect(bool wait) {
    if (!pool_) return;
    for (auto done = pool_->take(wait); !done.empty(); done = pool_->take(wait)) {
      for (TestPool::Done& one : done) {
        if (one.verdict.run.end == SandboxRun::End::kCancelled) continue;
        EvalItem item = std::move(in_tests_[one.number]);
        set_verdict(item, one.verdict);
        item.details["code"] = std::move(one.verdict.code);
        add_item(result_, std::move(item), s_.hooks);
      }
    }
  }

  void report(const BatchStats& stats) {
    if (n_truncated_ > 0) {
      log::warning(
          "{} of {} prompts were cut from the left to leave room for replies in the "
          "context of {} tokens.",
          n_truncated_, prompts_.size(), s_.context());
    }
    const SamplingOptions& sampling = s_.options.sampling;
    const std::int64_t budget = s_.options.think_budget;
    result_.settings = {{"prompt_form", chat_ ? "chat" : "plain"},
                        {"shots", s_.options.shots},
                        {"context", s_.context()},
                        {"max_tokens", s_.options.max_tokens},
                        {"temperature", sampling.temperature},
                        {"think_budget", budget < 0 ? Json() : Json(budget)},
                        {"think_loops", chat_ && s_.options.end_think_loops ? "end" : "keep"},
                        {"truncated", n_truncated_}};
    result_.prompt_tokens = stats.prompt_tokens;
    result_.shared_tokens = stats.shared_tokens;
    result_.reply_tokens = stats.reply_tokens;
    result_.prompt_s = stats.prompt_s;
    result_.reply_s = stats.reply_s;
  }

  const Setting& s_;
  const EvalData& data_;
  bool chat_;
  std::vector<std::vector<TokenId>> prompts_;
  std::vector<std::vector<std::string>> stops_;
  std::vector<ThinkingChoice> choices_;  ///< one for each item, or none
  std::int64_t n_truncated_ = 0;
  EvalResult result_;
  std::vector<EvalItem> in_tests_;  ///< by the number of their code in the pool
  std::optional<TestPool> pool_;    ///< of code
};

}  // namespace

EvalResult run_replies(const Setting& s, const EvalData& data, const Sandbox* sandbox) {
  if (s.options.task == Task::kCode && !sandbox) {
    fail<ConfigError>("[eval] code is only tested in a sandbox, and none was given.");
  }
  return ReplyTask(s, data, sandbox).run();
}

}  // namespace pangu::eval
