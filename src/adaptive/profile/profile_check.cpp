// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/profile_check.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace pangu::adaptive {
namespace {

/// The first of several figures that is none.
class FirstFault {
 public:
  FirstFault& positive(std::string_view name, double value) {
    return require(std::isfinite(value) && value > 0, name, value, "more than 0");
  }
  FirstFault& not_negative(std::string_view name, double value) {
    return require(std::isfinite(value) && value >= 0, name, value, "0 or more");
  }
  FirstFault& number(std::string_view name, double value) {
    return require(std::isfinite(value), name, value, "a number");
  }
  FirstFault& share(std::string_view name, double value) {
    return require(value >= 0 && value <= 1, name, value, "0 to 1");
  }
  FirstFault& count(std::string_view name, std::int64_t value, std::int64_t least) {
    if (value >= least) return *this;
    return require(false, name, value, fmt::format("{} or more", least));
  }
  FirstFault& require(bool holds, std::string_view name, const auto& value,
                      std::string_view expected) {
    if (!holds && text_.empty()) {
      text_ = fmt::format("{} is {}, where {} was expected", name, value, expected);
    }
    return *this;
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string fault(const MachineSpeed& speed) {
  return FirstFault().positive("bandwidth", speed.bandwidth).positive("peak", speed.peak).text();
}

std::string fault(const TaskFigures& task) {
  return FirstFault()
      .require(!task.kind.empty(), "kind", "empty", "a name")
      .count("items", task.items, 0)
      .share("chance", task.chance)
      .text();
}

std::string fault(const Footprint& f) {
  return FirstFault()
      .not_negative("load_s", f.load_s)
      .count("resident_bytes", f.resident_bytes, 1)
      .count("weight_bytes", f.weight_bytes, 0)
      .not_negative("position_bytes", f.position_bytes)
      .text();
}

std::string fault(const SpeedReading& r) {
  FirstFault out;
  out.count("prompt_tokens", r.prompt_tokens, 1).count("batch", r.batch, 1);
  if (r.batch == 1) out.positive("prefill", r.prefill);
  return out.not_negative("prefill", r.prefill)
      .positive("decode", r.decode)
      .not_negative("reference_prefill", r.reference_prefill)
      .not_negative("reference_decode", r.reference_decode)
      .text();
}

std::string fault(const DivergenceFigures& d) {
  return FirstFault()
      .number("kl_mean", d.mean)
      .number("kl_low", d.low)
      .number("kl_high", d.high)
      .share("kl_same_top", d.same_top)
      .count("kl_positions", d.positions, 1)
      .text();
}

std::string fault(const AnswerFigures& answer) {
  return FirstFault()
      .count("item", answer.item, 0)
      .share("value", answer.value)
      .count("prompt_tokens", answer.prompt_tokens, 0)
      .count("reply_tokens", answer.reply_tokens, 0)
      .text();
}

std::string fault(const SpeculationFigures& s) {
  return FirstFault()
      .require(s.mode != SpeculationMode::kOff, "mode", "off", "a way of speculation")
      .positive("speed_up", s.speed_up)
      .positive("low", s.low)
      .positive("high", s.high)
      .text();
}

void check_formats(const Variant& variant) {
  static_cast<void>(variant.formats());
  if (!variant.kv.empty()) static_cast<void>(require_kv_format(variant.kv));
}

}  // namespace pangu::adaptive
