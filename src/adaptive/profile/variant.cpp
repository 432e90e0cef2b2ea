// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/variant.h"

#include <iterator>

#include "base/clipped.h"
#include "base/error.h"
#include "base/last_name.h"

namespace pangu::adaptive {
namespace {

constexpr std::string_view kThinkingNames[] = {"default", "fast", "slow", "auto"};

}  // namespace

std::string Variant::name() const {
  if (is_original()) return "original";
  std::string out = source.empty() ? "" : last_name(source);
  if (format.empty() && source.empty()) out = "original";
  if (!format.empty()) out += (source.empty() ? "" : ":") + format;
  if (!kv.empty()) out += "+kv-" + kv;
  return out;
}

std::string Strategy::text() const {
  std::string out = variant.name();
  if (thinking != Thinking::kDefault) {
    out += ", thinking " + std::string(thinking_name(thinking));
  }
  out += ", speculation " + std::string(pangu::name(speculation));
  return out;
}

std::string_view thinking_name(Thinking thinking) {
  return kThinkingNames[static_cast<std::size_t>(thinking)];
}

Thinking parse_thinking(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kThinkingNames); ++i) {
    if (kThinkingNames[i] == name) return static_cast<Thinking>(i);
  }
  fail<ConfigError>("[thinking] '{}' is no way of thinking. Expected default, fast, slow or auto.",
                    clipped(name));
}

}  // namespace pangu::adaptive
