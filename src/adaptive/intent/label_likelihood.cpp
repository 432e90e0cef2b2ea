// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/label_likelihood.h"

#include <algorithm>
#include <cmath>

#include "adaptive/intent/probe/softmax_regression.h"
#include "adaptive/task_kind.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

constexpr std::int64_t kLabelContext = 1024;
constexpr const char* kContentFree[] = {"N/A", "[MASK]", "..."};

/// The kinds as a list, beginning with number `order` of them, then the request and the question.
std::string label_prompt(const std::string& text, std::size_t order) {
  const auto kinds = built_in_kinds();
  std::string prompt = "Which kind of task is the request?\n";
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const TaskKind& kind = kinds[(i + order) % kinds.size()];
    prompt += fmt::format("{}. {}: {}\n", static_cast<char>('A' + i), kind.name, kind.en);
  }
  return prompt + "\nRequest: " + text + "\n\nAnswer:";
}

/// First and last tokens of a request, as text.
std::string short_text(const Tokenizer& tokenizer, const std::string& text) {
  const std::vector<TokenId> ids =
      tokenizer.encode(text, {.add_bos = false, .add_eos = false, .parse_special = false});
  const std::span<const TokenId> all(ids);
  if (ids.size() <= static_cast<std::size_t>(kHeadTokens + kTailTokens)) return text;
  return tokenizer.decode(all.first(kHeadTokens)) + "\n" + tokenizer.decode(all.last(kTailTokens));
}

LabelOptions checked_label_options(const LabelOptions& options) {
  const int kinds = static_cast<int>(built_in_kinds().size());
  if (options.orders >= 1 && options.orders <= kinds) return options;
  fail<ConfigError>("[intent] {} orders of labels were asked for. 1 to {} was expected.",
                    options.orders, kinds);
}

}  // namespace

LabelLikelihood::LabelLikelihood(const Model& model, Context& ctx, const LabelOptions& options)
    : model_(model),
      options_(checked_label_options(options)),
      scorer_(
          model, ctx,
          {.context = std::min<std::int64_t>(kLabelContext, model.config().max_position_embeddings),
           .kv = exact_kv_format(ctx.dtype())}) {
  std::vector<std::vector<double>> sums;
  for (const char* text : kContentFree) {
    const auto logprobs = letter_logprobs(text);
    sums.resize(logprobs.size(), std::vector<double>(logprobs[0].size(), 0.0));
    for (std::size_t o = 0; o < sums.size(); ++o) {
      for (std::size_t k = 0; k < sums[o].size(); ++k) sums[o][k] += std::exp(logprobs[o][k]);
    }
  }
  for (auto& order : sums) {
    for (double& sum : order) sum = std::log(std::max(sum / std::size(kContentFree), 1e-30));
  }
  without_content_ = std::move(sums);
}

std::vector<std::vector<double>> LabelLikelihood::letter_logprobs(const std::string& text) {
  const std::size_t kinds = built_in_kinds().size();
  std::vector<Scorer::Group> groups;
  for (int o = 0; o < options_.orders; ++o) {
    const std::size_t first =
        static_cast<std::size_t>(o) * kinds / static_cast<std::size_t>(options_.orders);
    const std::string prompt = label_prompt(text, first);
    const auto before = static_cast<std::int64_t>(
        model_.tokenizer->encode(prompt, {.add_eos = false, .parse_special = false}).size());
    Scorer::Group group;
    for (std::size_t letter = 0; letter < kinds; ++letter) {
      std::vector<TokenId> ids =
          model_.tokenizer->encode(prompt + " " + static_cast<char>('A' + letter),
                                   {.add_eos = false, .parse_special = false});
      // The letter may have been joined with what stands before it; then the last token has it.
      const std::int64_t from = std::min(before, static_cast<std::int64_t>(ids.size()) - 1);
      group.push_back({std::move(ids), from});
    }
    groups.push_back(std::move(group));
  }
  const auto scores = scorer_.score(groups);
  std::vector<std::vector<double>> out(groups.size(), std::vector<double>(kinds, 0.0));
  for (std::size_t o = 0; o < groups.size(); ++o) {
    const std::size_t first = o * kinds / groups.size();
    for (std::size_t letter = 0; letter < kinds; ++letter) {
      out[o][(letter + first) % kinds] = scores[o][letter].logprob;
    }
  }
  return out;
}

Recognition LabelLikelihood::recognise(const Request& request) {
  const auto logprobs = letter_logprobs(short_text(*model_.tokenizer, request.text));
  RowMatrix logits = RowMatrix::Zero(1, static_cast<Eigen::Index>(built_in_kinds().size()));
  for (std::size_t o = 0; o < logprobs.size(); ++o) {
    for (std::size_t k = 0; k < logprobs[o].size(); ++k) {
      logits(0, static_cast<Eigen::Index>(k)) +=
          (logprobs[o][k] - without_content_[o][k]) / static_cast<double>(logprobs.size());
    }
  }
  const RowMatrix p = softmax_rows(logits);
  Recognition out;
  Eigen::Index best = 0;
  out.confidence = p.row(0).maxCoeff(&best);
  for (Eigen::Index k = 0; k < p.cols(); ++k) {
    out.probabilities.emplace_back(built_in_kinds()[static_cast<std::size_t>(k)].name, p(0, k));
  }
  out.likeliest = out.probabilities[static_cast<std::size_t>(best)].first;
  out.kind = out.confidence >= options_.threshold ? out.likeliest : std::string(kUnknownKind);
  return out;
}

}  // namespace pangu::adaptive
