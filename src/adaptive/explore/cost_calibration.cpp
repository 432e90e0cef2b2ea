// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/cost_calibration.h"

#include <algorithm>
#include <cmath>

#include "adaptive/explore/answered_texts.h"
#include "base/resources.h"
#include "models/parameter_count.h"
#include "quant/pack_rows.h"

namespace pangu::adaptive {
namespace {

/// Weights that are packed to see how long all take.
constexpr std::int64_t kPackedWeights = std::int64_t{1} << 18;
constexpr std::int64_t kRowsOfAPanel = 64;
/// Tokens of answers by which the lengths of a task's items are judged.
constexpr std::int64_t kAnswerTokens = 200;
/// What models write where an answer of one token comes with the item: rarely less, and more where
/// they explain.
constexpr double kShorter = 0.7, kUsually = 1.3, kLonger = 4;

/// Seconds to pack all weights of a model in a format.
double pack_s(const std::string& format, const ModelConfig& config, Context& ctx) {
  const std::int64_t k = config.hidden_size;
  const auto wanted = plan_format(WeightFormats::parse(format, "", ""), WeightPart::kLayer, k);
  if (!wanted) return 0;
  const std::int64_t rows =
      std::max(kRowsOfAPanel, kPackedWeights / k / kRowsOfAPanel * kRowsOfAPanel);
  std::vector<float> values(static_cast<std::size_t>(rows * k));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(static_cast<float>(i));
  }
  PackedMatrix packed(ctx.packed_form(*wanted), rows, k);
  const Stopwatch watch;
  pack_f32(packed, values.data(), ctx.threads());
  return watch.seconds() * static_cast<double>(parameter_count(config).total()) /
         static_cast<double>(values.size());
}

/// Of the original's answers to a task, thinking as it does by itself.
const AnswerSet* own_answers(const ProfileData& data, std::int64_t task) {
  const VariantFigures* original = data.original();
  const AnswerSet* set =
      original ? data.answers_of(task, original->id, Thinking::kDefault) : nullptr;
  return set && !set->answers.empty() ? set : nullptr;
}

ItemCost item_of_answers(const AnswerSet& set) {
  ItemCost out{.prompt = 0, .reply = 0};
  for (const AnswerFigures& a : set.answers) {
    out.prompt += static_cast<double>(a.prompt_tokens);
    out.reply += static_cast<double>(a.reply_tokens);
  }
  const auto n = static_cast<double>(set.answers.size());
  out.prompt /= n;
  out.reply /= n;
  out.reply_low = out.reply_high = out.reply;
  return out;
}

ItemCost item_of_texts(const Model& model, const KindTask& task) {
  ItemCost out;
  const std::vector<eval::ReferenceText> texts =
      answered_texts(model, std::span(&task, 1), kAnswerTokens);
  if (texts.empty()) return out;
  double prompt = 0, answer = 0;
  for (const eval::ReferenceText& text : texts) {
    prompt += static_cast<double>(text.passages.front().from);
    answer += static_cast<double>(text.positions());
  }
  const auto n = static_cast<double>(texts.size());
  out.prompt = prompt / n;
  if (task.chance > 0) {  // every choice is read, and nothing written
    out.prompt += answer / n / task.chance;
    return out;
  }
  const auto most = static_cast<double>(task.options.max_tokens);
  const bool may_think = model.tokenizer && !model.tokenizer->chat_template().empty() &&
                         model.chat_template().thinking_style() != ThinkingStyle::kNone;
  out.reply_low = std::min(most, kShorter * answer / n);
  out.reply = std::min(most, kUsually * answer / n);
  out.reply_high = may_think ? most : std::min(most, kLonger * answer / n);
  return out;
}

}  // namespace

CostInputs calibrate_cost(Laboratory& laboratory, Context& ctx, const CalibrationWork& work) {
  laboratory.prepare({});
  const Model& model = laboratory.original();
  const Footprint& footprint = *work.data.original()->footprint;
  CostInputs out{.load_s = footprint.load_s,
                 .decode_tokens = laboratory.options().decode_tokens,
                 .many = laboratory.options().many,
                 .prompt_tokens = laboratory.options().prompt_tokens,
                 .carries_out = work.carries_out,
                 .weight_bytes = static_cast<double>(footprint.weight_bytes)};
  for (const std::string& format : work.formats) {
    out.pack_s[format] = pack_s(format, model.config(), ctx);
  }
  for (std::size_t i = 0; i < work.tasks.size(); ++i) {
    const KindTask& task = work.tasks[i];
    const AnswerSet* own = own_answers(work.data, work.ids[i]);
    ItemCost item = own ? item_of_answers(*own) : item_of_texts(model, task);
    item.program_s = laboratory.program_s(task);
    item.kept_back = task.size(ItemPart::kKeptBack);
    out.items[work.ids[i]] = item;
  }
  for (const eval::ReferenceText& text : laboratory.divergence_texts(work.tasks)) {
    out.divergence_tokens += static_cast<double>(text.passages.front().ids.size());
    out.divergence_logits +=
        static_cast<double>(text.positions()) * static_cast<double>(model.known_ids());
  }
  return out;
}

}  // namespace pangu::adaptive
