// SPDX-License-Identifier: Apache-2.0
#include "adaptive/report/recommend_report.h"

#include <fmt/format.h>

#include "adaptive/report/profile_report.h"
#include "base/shell_word.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

constexpr std::string_view kQualityNames[] = {"kept", "likely", "open", "missed", "lost", "untold"};
constexpr std::string_view kObstacleNames[] = {"none",  "memory",  "first-token",
                                               "speed", "quality", "open"};

std::string_view name(Quality quality) {
  return kQualityNames[static_cast<std::size_t>(quality)];
}
std::string_view name(Obstacle obstacle) {
  return kObstacleNames[static_cast<std::size_t>(obstacle)];
}

std::string quality_sentence(const Candidate& c, const Constraints& constraints) {
  if (c.items == 0) return "quality was not measured";
  switch (c.quality(constraints.min_quality)) {
    case Quality::kUntold:
      return "the original knows nothing of this kind, so that no score can tell them apart";
    case Quality::kKept:
      if (c.strategy.variant.is_original() && c.strategy.thinking == Thinking::kDefault) {
        return "replies are the original's";
      }
      [[fallthrough]];
    default:
      break;
  }
  if (c.pairs.n == 0) return "quality is open: no items were answered yet";
  const eval::Interval kept = kept_interval(c.pairs, eval::kZ95);
  return fmt::format(
      "keeps {:.1f}% [{:.1f}, {:.1f}] of the score {:.3f}, on {} paired items ({} lost, {} won)",
      100 * c.pairs.kept(), 100 * kept.low, 100 * kept.high, c.pairs.original(), c.pairs.n,
      c.pairs.only_original, c.pairs.only_variant);
}

std::string speed_sentence(const Candidate& c) {
  std::string out =
      fmt::format("{} per answer, {} to its first token, {:.1f} tokens/s",
                  seconds_text(c.answer_s()), seconds_text(c.first_token_s()), c.tokens_per_s());
  if (c.speed_up != 1) {
    out += fmt::format(" ({:.2f}x by speculation{})", c.speed_up,
                       c.speed_up_is_own ? "" : ", as on the original");
  }
  return out + fmt::format(", {} of memory", bytes_text(c.memory));
}

std::string change_sentence(const Alternative& a, const Ranked& chosen) {
  const Candidate& c = *a.choice.candidate;
  const double gain = chosen.cost > 0 ? a.choice.cost / chosen.cost : 1;
  std::string what = fmt::format("{} at {:.2f} of the cost", c.strategy.text(), gain);
  switch (a.obstacle) {
    case Obstacle::kMemory:
      return fmt::format("{}: with --max-memory {}", what, c.memory);
    case Obstacle::kFirstToken:
      return fmt::format("{}: with --max-first-token {:.3g}", what, a.needed);
    case Obstacle::kSpeed:
      return fmt::format("{}: with --min-speed {:.3g}", what, a.needed);
    case Obstacle::kQuality:
      if (c.rejected_by_divergence) return what + ": ruled out by its divergence from the original";
      return fmt::format("{}: with --min-quality {:.3f} ({})", what, a.needed,
                         quality_sentence(c, {}));
    case Obstacle::kOpen:
      return fmt::format("{}: if {} more items say so (pangu profile goes on)", what,
                         c.items - c.pairs.n);
    case Obstacle::kNone:
      break;
  }
  return what;
}

std::string goal_text(const RecommendQuestion& q) {
  const Constraints& c = q.goal.constraints;
  std::string out =
      fmt::format("least {}, at least {:.1f}% of the score",
                  q.goal.objective == Objective::kLatency      ? "time per answer"
                  : q.goal.objective == Objective::kThroughput ? "time per answer of many"
                  : q.goal.objective == Objective::kMemory     ? "memory"
                                                               : "time and memory, balanced",
                  100 * c.min_quality);
  if (c.max_memory) out += fmt::format(", at most {}", bytes_text(*c.max_memory));
  if (c.max_first_token)
    out += fmt::format(", first token within {}", seconds_text(*c.max_first_token));
  if (c.min_speed) out += fmt::format(", at least {:.3g} tokens/s", *c.min_speed);
  return out;
}

std::string not_found_text(const Decision& decision) {
  std::string out = "nothing that was measured keeps to this. Nearest to it:\n";
  for (const Alternative& a : decision.nearest) {
    out += "  " + change_sentence(a, {.candidate = nullptr, .cost = a.choice.cost}) + "\n";
  }
  return out;
}

}  // namespace

std::string run_command(const ProfileData& data, const Candidate& c) {
  const Strategy& s = c.strategy;
  const std::string model =
      s.variant.source.empty() ? data.entry.model_name : s.variant.source.string();
  std::string out = "pangu run " + shell_word(model);
  const auto add = [&](std::string_view option, std::string_view value) {
    out += fmt::format(" {} {}", option, value);
  };
  if (!s.variant.format.empty()) add("--format", s.variant.format);
  if (!s.variant.kv.empty()) add("--kv-format", s.variant.kv);
  // What profiles call auto is the model's own choice.
  if (s.thinking != Thinking::kDefault) {
    add("--chat --think", s.thinking == Thinking::kAuto ? "own" : thinking_name(s.thinking));
  }
  add("--spec", pangu::name(s.speculation));
  const bool drafts =
      s.speculation == SpeculationMode::kDraft || s.speculation == SpeculationMode::kAuto;
  if (drafts && !c.draft.empty()) add("--draft", shell_word(c.draft));
  return out;
}

std::string recommendation_text(const ProfileData& data, const RecommendQuestion& q,
                                const Decision& decision) {
  std::string out =
      fmt::format("for        {}: {}\n", q.kind.empty() ? "any task" : q.kind, goal_text(q));
  if (!decision.recommendation) return out + not_found_text(decision);
  const Recommendation& r = *decision.recommendation;
  const Candidate& c = *r.choice.candidate;
  out += fmt::format("use        {}\n           {}\n           {}\n", c.strategy.text(),
                     speed_sentence(c), quality_sentence(c, q.goal.constraints));
  for (const Ranked& next : r.runners_up) {
    out += fmt::format("next       {} at {:.2f} of the cost: {}; {}\n",
                       next.candidate->strategy.text(), next.cost / r.choice.cost,
                       speed_sentence(*next.candidate),
                       quality_sentence(*next.candidate, q.goal.constraints));
  }
  for (const Alternative& a : r.alternatives) {
    out += fmt::format("{}  {}\n", a.obstacle == Obstacle::kOpen ? "undecided" : "otherwise",
                       change_sentence(a, r.choice));
  }
  out +=
      fmt::format("measured   {}, on {}\n", data.entry.updated, data.entry.identity.machine.key());
  out += fmt::format("command    {}\n", run_command(data, c));
  return out;
}

Json recommendation_json(const ProfileData& data, const RecommendQuestion& q,
                         const Decision& decision) {
  const Constraints& c = q.goal.constraints;
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(); };
  const auto choice = [&](const Ranked& chosen) {
    Json json = candidate_json(*chosen.candidate);
    json["cost"] = chosen.cost;
    json["quality"] = name(chosen.quality);
    json["command"] = run_command(data, *chosen.candidate);
    return json;
  };
  const auto alternatives = [&](const std::vector<Alternative>& list) {
    Json out = Json::array();
    for (const Alternative& a : list) {
      Json json = choice(a.choice);
      json["obstacle"] = name(a.obstacle);
      json["needed"] = a.needed;
      out.push_back(std::move(json));
    }
    return out;
  };
  Json out = {{"kind", q.kind.empty() ? Json() : Json(q.kind)},
              {"objective", pangu::adaptive::name(q.goal.objective)},
              {"constraints",
               {{"min_quality", c.min_quality},
                {"max_memory", optional(c.max_memory)},
                {"max_first_token_s", optional(c.max_first_token)},
                {"min_speed", optional(c.min_speed)}}},
              {"recommended", Json()},
              {"runners_up", Json::array()},
              {"alternatives", Json::array()},
              {"undecided", Json()},
              {"measured", data.entry.updated},
              {"machine", data.entry.identity.machine.key()}};
  if (!decision.recommendation) {
    out["alternatives"] = alternatives(decision.nearest);
    return out;
  }
  const Recommendation& r = *decision.recommendation;
  out["recommended"] = choice(r.choice);
  for (const Ranked& next : r.runners_up) out["runners_up"].push_back(choice(next));
  out["alternatives"] = alternatives(r.alternatives);
  if (r.open) out["undecided"] = candidate_json(*r.open);
  return out;
}

}  // namespace pangu::adaptive
