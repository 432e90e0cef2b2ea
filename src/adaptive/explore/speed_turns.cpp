// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/speed_turns.h"

#include <optional>
#include <vector>

#include "adaptive/profile/profile_store.h"
#include "base/resources.h"
#include "measure/benchmark.h"
#include "measure/timed_passes.h"

namespace pangu::adaptive {
namespace {

class TimedSide {
 public:
  TimedSide(const SpeedSide& side, const SpeedSetting& setting, Context& ctx)
      : tokens_(static_cast<double>(setting.prompt_tokens * setting.batch)),
        decoded_(static_cast<double>(setting.decode_tokens * setting.batch)),
        passes_(*side.network,
                {.prompt_tokens = setting.prompt_tokens,
                 .decode_tokens = setting.decode_tokens,
                 .batch = setting.batch,
                 .kv = side.kv,
                 .check = setting.check},
                0, ctx) {
    passes_.warm_up();
  }

  void turn() {
    double prefill_s = 0, decode_s = 0, n = 0;
    for (const Stopwatch watch; n == 0 || watch.seconds() < kShortestTurn; ++n) {
      passes_.begin();
      prefill_s += tokens_ / passes_.prefill();
      decode_s += decoded_ / passes_.decode();
      passes_.end();
    }
    prefill_.push_back(n * tokens_ / prefill_s);
    decode_.push_back(n * decoded_ / decode_s);
  }

  const std::vector<double>& prefill() const { return prefill_; }
  const std::vector<double>& decode() const { return decode_; }

 private:
  double tokens_, decoded_;
  TimedPasses passes_;
  std::vector<double> prefill_, decode_;
};

}  // namespace

SpeedTurns take_turns(const SpeedSide& variant, const SpeedSide& original,
                      const SpeedSetting& setting, Context& ctx) {
  const bool compares =
      original.network && (original.network != variant.network || original.kv != variant.kv);
  TimedSide own(variant, setting, ctx);
  std::optional<TimedSide> other;
  if (compares) other.emplace(original, setting, ctx);
  const Stopwatch watch;
  for (int round = 0; round < setting.rounds && (round == 0 || watch.seconds() < setting.seconds);
       ++round) {
    // Who begins changes, so that drift hits both alike.
    if (other && round % 2 == 1) other->turn();
    own.turn();
    if (other && round % 2 == 0) other->turn();
  }
  SpeedTurns out{own.prefill(), own.decode(), {}, {}};
  if (original.network) {
    out.reference_prefill = other ? other->prefill() : out.prefill;
    out.reference_decode = other ? other->decode() : out.decode;
  }
  return out;
}

SpeedReading read_speed(const SpeedSide& variant, const SpeedSide& original,
                        const SpeedSetting& setting, Context& ctx) {
  const SpeedTurns turns = take_turns(variant, original, setting, ctx);
  const auto median = [](const std::vector<double>& rates) {
    return rates.empty() ? 0 : spread_of(rates).median;
  };
  return {.prompt_tokens = setting.prompt_tokens,
          .batch = setting.batch,
          .prefill = median(turns.prefill),
          .decode = median(turns.decode),
          .reference_prefill = median(turns.reference_prefill),
          .reference_decode = median(turns.reference_decode),
          .measured = utc_now()};
}

}  // namespace pangu::adaptive
