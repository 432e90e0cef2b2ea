// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/thinking_chooser.h"

#include <fmt/format.h>

#include <algorithm>

#include "adaptive/intent/recognise.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// The head of a probe of this model.
Head checked_thinking_head(const Model& model, const Probe& probe, const std::string& file) {
  require_thinking_modes(model);
  require_model(probe, model, file);
  const auto found = std::ranges::find(probe.heads, kThinkingHead, &Head::name);
  if (found == probe.heads.end()) {
    fail<ConfigError>(
        "[thinking] {} does not say what thinking is worth: it has no head \"{}\". Make one: pangu "
        "intent thinking FILE --model {} (an existing probe is added to), and name it with "
        "--probe.",
        file, kThinkingHead, model.path.filename().string());
  }
  require_thinking_head(*found, file);
  return *found;
}

}  // namespace

std::string thinking_text(const ThinkingDecision& d) {
  const char* mode = d.is_slow() ? "slow" : "fast";
  if (!d.odds) return fmt::format("{}, as for every prompt of this model", mode);
  return fmt::format(
      "{}: slow is right where fast is not in {:.1f} % of such prompts, fast where "
      "slow is not in {:.1f} %",
      mode, 100 * d.odds->gain, 100 * d.odds->loss);
}

Json thinking_json(const ThinkingDecision& d) {
  const auto number = [&](double value) { return d.odds ? Json(value) : Json(); };
  const ThinkingOdds odds = d.odds.value_or(ThinkingOdds{});
  return {{"mode", d.is_slow() ? "slow" : "fast"},
          {"gain", number(odds.gain)},
          {"loss", number(odds.loss)},
          {"score", number(odds.score())},
          {"threshold", number(d.threshold)}};
}

std::filesystem::path thinking_probe_file(const std::string& given, const Model& model) {
  if (!given.empty()) return given;
  std::filesystem::path file = probe_place(model);
  if (std::filesystem::exists(file)) return file;
  fail<FileError>(
      "[thinking] {} has no probe that says what thinking is worth: {} does not exist. Make one: "
      "pangu intent thinking FILE --model {}, and name it with --probe.",
      model.path.filename().string(), file.string(), model.path.filename().string());
}

void require_thinking_modes(const Model& model) {
  const bool has_template = model.tokenizer && !model.tokenizer->chat_template().empty();
  if (has_template && model.chat_template().thinking_style() != ThinkingStyle::kNone) return;
  fail<Unsupported>(
      "[thinking] {} has no modes of thinking to choose from: {}. Leave --think out, or use a "
      "model "
      "whose template has openPangu's tags or 'enable_thinking'.",
      model.path.filename().string(),
      has_template ? "its chat template asks for neither fast nor slow"
                   : "it has no chat template");
}

ThinkingChooser::ThinkingChooser(const Model& model, Context& ctx, const Probe& probe,
                                 const std::string& file)
    : head_(checked_thinking_head(model, probe, file)),
      reader_(model, ctx, is_fixed() ? std::vector<std::int64_t>{} : layers_of(head_)) {}

ThinkingDecision ThinkingChooser::decide(std::span<const Message> messages) {
  const std::vector<Message> conversation(messages.begin(), messages.end());
  return decide(std::span(&conversation, 1)).front();
}

std::vector<ThinkingDecision> ThinkingChooser::decide(
    std::span<const std::vector<Message>> conversations) {
  std::vector<Request> requests;
  for (const std::vector<Message>& messages : conversations) {
    requests.push_back(request_of(messages));
  }
  if (is_fixed()) {
    const Thinking thinking = always_thinks(head_) ? Thinking::kSlow : Thinking::kFast;
    return std::vector<ThinkingDecision>(
        requests.size(),
        {.thinking = thinking, .odds = std::nullopt, .threshold = head_.threshold});
  }
  std::vector<ThinkingDecision> out;
  for (const Features& features : reader_.read(requests)) {
    const ThinkingOdds odds = thinking_odds(head_, head_.probabilities(features));
    const bool slow = odds.score() >= head_.threshold;
    out.push_back({.thinking = slow ? Thinking::kSlow : Thinking::kFast,
                   .odds = odds,
                   .threshold = head_.threshold});
  }
  return out;
}

}  // namespace pangu::adaptive
