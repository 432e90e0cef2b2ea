// SPDX-License-Identifier: Apache-2.0
#include "measure/speed_comparison.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/error.h"
#include "measure/timed_passes.h"
#include "models/parameter_count.h"
#include "report/markdown.h"

namespace pangu {
namespace {

/// A model's turns.
struct Runner {
  std::unique_ptr<TimedPasses> passes;
  std::vector<double> prefill, decode;
};

class Rounds {
 public:
  Rounds(std::span<const SpeedSubject> models, const BenchOptions& options, Context& ctx)
      : models_(models), options_(options) {
    const PassWork work = work_of(options, ctx);
    for (const SpeedSubject& subject : models) {
      runners_.push_back({std::make_unique<TimedPasses>(*subject.model, work, 0, ctx), {}, {}});
    }
  }

  void run() {
    for (Runner& r : runners_) r.passes->warm_up();
    for (int round = 0; round < options_.repetitions; ++round) {
      if (options_.progress) options_.progress("measuring", round, options_.repetitions);
      in_turn(round, [&](Runner& r) {
        r.passes->begin();
        if (options_.prompt_tokens > 0) r.prefill.push_back(r.passes->prefill());
      });
      in_turn(round, [&](Runner& r) {
        if (options_.decode_tokens > 0) r.decode.push_back(r.passes->decode());
        r.passes->end();
      });
    }
    if (options_.progress) {
      options_.progress("measuring", options_.repetitions, options_.repetitions);
    }
  }

  std::vector<ModelSpeed> results() const {
    std::vector<ModelSpeed> out;
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      const Runner& r = runners_[i];
      const LanguageModel& model = *models_[i].model;
      out.push_back({.name = models_[i].name,
                     .prefill_tokens_per_s = spread_of(r.prefill),
                     .decode_tokens_per_s = spread_of(r.decode),
                     .prefill_ratio = ratios(r.prefill, runners_.front().prefill),
                     .decode_ratio = ratios(r.decode, runners_.front().decode),
                     .prefill_cost = r.passes->prefill_cost(),
                     .decode_cost = r.passes->decode_cost(),
                     .weight_bytes = weight_bytes(model),
                     .parameters = parameter_count(model.config()).total()});
    }
    return out;
  }

 private:
  template <class Turn>
  void in_turn(int round, const Turn& turn) {
    for (std::size_t i = 0; i < runners_.size(); ++i) {
      turn(runners_[(static_cast<std::size_t>(round) + i) % runners_.size()]);
    }
  }

  /// Round by round.
  static Spread ratios(const std::vector<double>& rates, const std::vector<double>& first) {
    std::vector<double> out;
    for (std::size_t i = 0; i < rates.size(); ++i) out.push_back(rates[i] / first[i]);
    return spread_of(std::move(out));
  }

  std::span<const SpeedSubject> models_;
  const BenchOptions& options_;
  std::vector<Runner> runners_;
};

std::string rate_cell(const Spread& rate) {
  return rate.max > 0 ? fmt::format("{:.1f}", rate.median) : std::string(kNoCell);
}

std::string ratio_cell(const Spread& ratio) {
  if (ratio.max <= 0) return std::string(kNoCell);
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.median, ratio.min, ratio.max);
}

/// In millions.
std::string cost_cell(double value) {
  return value > 0 ? fmt::format("{:.1f}", value / 1e6) : std::string(kNoCell);
}

}  // namespace

std::vector<ModelSpeed> compare_speed(std::span<const SpeedSubject> models,
                                      const BenchOptions& options, Context& ctx) {
  check_bench_options(options);
  if (models.empty()) {
    fail<ConfigError>("[bench] there is no model to measure. One or more were expected.");
  }
  Rounds rounds(models, options, ctx);
  rounds.run();
  return rounds.results();
}

std::string speed_markdown(std::span<const ModelSpeed> speeds) {
  std::string text =
      "| model | parameters | weights, MiB | prefill, tokens/s | ratio | Mop per token | decode, "
      "tokens/s | ratio | Mop per token | MB per token |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const ModelSpeed& s : speeds) {
    text +=
        fmt::format("| {} | {} | {:.1f} | {} | {} | {} | {} | {} | {} | {} |\n",
                    markdown_cell(s.name), s.parameters,
                    static_cast<double>(s.weight_bytes) / 0x1p20, rate_cell(s.prefill_tokens_per_s),
                    ratio_cell(s.prefill_ratio), cost_cell(s.prefill_cost.ops()),
                    rate_cell(s.decode_tokens_per_s), ratio_cell(s.decode_ratio),
                    cost_cell(s.decode_cost.ops()), cost_cell(s.decode_cost.bytes()));
  }
  return text;
}

Json speed_json(std::span<const ModelSpeed> speeds) {
  Json json = Json::array();
  for (const ModelSpeed& s : speeds) {
    json.push_back({{"name", s.name},
                    {"prefill_tokens_per_s", json_of(s.prefill_tokens_per_s)},
                    {"decode_tokens_per_s", json_of(s.decode_tokens_per_s)},
                    {"prefill_ratio", json_of(s.prefill_ratio)},
                    {"decode_ratio", json_of(s.decode_ratio)},
                    {"prefill_ops_per_token", s.prefill_cost.ops()},
                    {"decode_ops_per_token", s.decode_cost.ops()},
                    {"prefill_bytes_per_token", s.prefill_cost.bytes()},
                    {"decode_bytes_per_token", s.decode_cost.bytes()},
                    {"weight_bytes", s.weight_bytes},
                    {"parameters", s.parameters}});
  }
  return json;
}

}  // namespace pangu
