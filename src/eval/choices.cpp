// SPDX-License-Identifier: Apache-2.0
// Each choice is scored as a continuation of the prompt, which is computed once for all of them.
#include <algorithm>
#include <iterator>

#include "base/error.h"
#include "base/log.h"
#include "base/utf8.h"
#include "eval/answers.h"
#include "eval/prompts.h"
#include "eval/tasks.h"
#include "runtime/generate/chat_prompt.h"
#include "runtime/score/scoring.h"

namespace pangu::eval {
namespace {

/// The prompts of an item: what stands before the choice, and all of it with each choice.
struct Encoded {
  std::vector<TokenId> context;
  std::vector<std::vector<TokenId>> whole;
};

Encoded encode_chat(const Setting& s, const ChoiceRow& row, const std::vector<ChoiceRow>& shots) {
  std::vector<Message> messages;
  for (const ChoiceRow& shot : shots) {
    messages.push_back({.role = "user", .content = shot.prompt});
    messages.push_back(
        {.role = "assistant", .content = std::string(trimmed(shot.choices[shot.answer]))});
  }
  messages.push_back({.role = "user", .content = row.prompt});
  Encoded out{.context = chat_prompt(s.model, messages, s.options.thinking), .whole = {}};
  for (const std::string& choice : row.choices) {
    out.whole.push_back(chat_prompt(s.model, messages, s.options.thinking, trimmed(choice)));
  }
  return out;
}

Encoded encode_plain(const Setting& s, const ChoiceRow& row, const std::vector<ChoiceRow>& shots) {
  std::string context;
  for (const ChoiceRow& shot : shots) context += shot.prompt + shot.choices[shot.answer] + "\n\n";
  context += row.prompt;
  const EncodeOptions options{.add_eos = false, .parse_special = false};
  Encoded out;
  for (const std::string& choice : row.choices) {
    out.whole.push_back(s.model.tokenizer->encode(context + choice, options));
  }
  // Blanks at the end belong to the choice, because tokens begin with them.
  const std::size_t end = context.find_last_not_of(" \t\n") + 1;
  out.context = s.model.tokenizer->encode(std::string_view(context).substr(0, end), options);
  return out;
}

/// The texts to score, cut from the left to what the context holds; all choices by the same amount.
Scorer::Group make_group(const Setting& s, const ChoiceRow& row, Encoded encoded, bool& truncated) {
  Scorer::Group group;
  std::int64_t longest = 0, first = std::numeric_limits<std::int64_t>::max();
  for (auto& ids : encoded.whole) {
    ScoredText text{.ids = std::move(ids)};
    text.from = split_at(encoded.context, text.ids);
    first = std::min(first, text.from);
    longest = std::max(longest, std::ssize(text.ids));
    if (text.from < 1 || text.from >= std::ssize(text.ids)) {
      fail<InputError>(
          "[eval] {}:{}: with this model's tokenizer a choice has no tokens of its own, or nothing "
          "before it. A prompt that is not empty, and choices that go on after it were expected.",
          s.options.data.string(), row.info.line);
    }
    group.push_back(std::move(text));
  }
  const std::int64_t excess = longest - 1 - s.context();
  truncated = excess > 0;
  if (!truncated) return group;
  if (excess >= first) {
    fail<InputError>("[eval] {}:{}: a choice has more tokens than the context of {} holds.",
                     s.options.data.string(), row.info.line, s.context());
  }
  for (ScoredText& text : group) {
    text.ids.erase(text.ids.begin(), text.ids.begin() + excess);
    text.from -= excess;
  }
  return group;
}

EvalItem make_item(const ChoiceRow& row, std::span<const TextScore> scores, bool chat) {
  std::vector<double> logprobs, per_character;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    logprobs.push_back(scores[i].logprob);
    const std::string_view scored = chat ? trimmed(row.choices[i]) : row.choices[i];
    per_character.push_back(scores[i].logprob / static_cast<double>(choice_length(scored)));
  }
  const auto likeliest = [](const std::vector<double>& values) {
    return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) -
                                    values.begin());
  };
  const std::size_t plain = likeliest(logprobs), normalized = likeliest(per_character);
  return {
      .info = row.info,
      .measures = {{plain == row.answer ? 1.0 : 0.0, 1}, {normalized == row.answer ? 1.0 : 0.0, 1}},
      .details = {{"logprobs", logprobs},
                  {"predicted", plain},
                  {"predicted_norm", normalized},
                  {"answer", row.answer}}};
}

}  // namespace

std::int64_t choice_length(std::string_view choice) {
  const std::size_t begin = choice.find_first_not_of(" \t\r\n");
  if (begin != choice.npos) choice.remove_prefix(begin);
  std::int64_t n = 0;
  for (std::size_t at = 0; at < choice.size(); ++n) utf8::next(choice, at);
  return n;
}

EvalResult run_choices(const Setting& s, const std::vector<ChoiceRow>& rows,
                       const std::vector<ChoiceRow>& shots) {
  const bool chat = s.chat(false);
  EvalResult result;
  result.measured = {{"acc", MetricKind::kShare}, {"acc_norm", MetricKind::kShare}};
  result.planned = std::ssize(rows);
  Scorer scorer(s.model, s.ctx,
                {.context = s.context(),
                 .cache_positions = std::max(kCachePositions, 2 * s.context()),
                 .kv = s.options.kv});
  const auto stop = [&] {
    if (s.hooks.cancel.stop_requested()) throw Cancelled("[eval] stopped");
  };
  std::int64_t n_truncated = 0;
  const auto batch = static_cast<std::size_t>(s.options.batch);
  try {
    for (std::size_t at = 0; at < rows.size(); at += batch) {
      const auto part = std::span(rows).subspan(at, std::min(batch, rows.size() - at));
      std::vector<Scorer::Group> groups;
      for (const ChoiceRow& row : part) {
        bool truncated = false;
        groups.push_back(make_group(
            s, row, chat ? encode_chat(s, row, shots) : encode_plain(s, row, shots), truncated));
        n_truncated += truncated ? 1 : 0;
      }
      const auto scores = scorer.score(groups, stop);
      for (std::size_t i = 0; i < part.size(); ++i) {
        add_item(result, make_item(part[i], scores[i], chat), s.hooks);
      }
    }
  } catch (const Cancelled&) {
    // What is done stands; the rest is missing, which makes the result partial.
  }
  if (n_truncated > 0) {
    log::warning("{} of {} prompts were cut from the left to the context of {} tokens.",
                 n_truncated, rows.size(), s.context());
  }
  result.settings = {{"prompt_form", chat ? "chat" : "plain"},
                     {"shots", shots.size()},
                     {"context", s.context()},
                     {"truncated", n_truncated}};
  result.prompt_tokens = scorer.stats().tokens;
  result.shared_tokens = scorer.stats().shared_tokens;
  result.prompt_s = scorer.stats().seconds;
  return result;
}

}  // namespace pangu::eval
