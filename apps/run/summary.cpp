// SPDX-License-Identifier: Apache-2.0
#include "apps/run/summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/shared/machine_text.h"
#include "apps/shared/speculation_options.h"
#include "apps/shared/thinking_options.h"
#include "base/resources.h"
#include "report/units.h"

namespace pangu::app {
namespace {

double rate(std::int64_t tokens, double seconds) {
  return tokens > 0 && seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

std::string rate_text(double tokens_per_s) {
  if (tokens_per_s <= 0) return "";
  return fmt::format(", {:.{}f} tokens/s", tokens_per_s, tokens_per_s < 100 ? 1 : 0);
}

}  // namespace

void Summary::add(const Generation& g) {
  const auto n = static_cast<std::int64_t>(g.ids.size());
  if (prompt_tokens == 0) first_token_s = g.prefill_s;
  prompt_tokens += g.prompt_tokens;
  cached_tokens += g.cached_tokens;
  completion_tokens += n;
  decoded_tokens += std::max<std::int64_t>(n - 1, 0);
  prefill_s += g.prefill_s;
  decode_s += g.decode_s;
  finish_reason = name(g.finish_reason);
  thinking_end = name(g.thinking_end);
  thinking.add(g);
  speculation.add(g.speculation);
}

double Summary::prefill_tokens_per_s() const {
  return rate(prompt_tokens - cached_tokens, prefill_s);
}

double Summary::decode_tokens_per_s() const {
  return rate(decoded_tokens, decode_s);
}

std::string summary_text(const Summary& s, const CommonOptions& options) {
  const std::string cached =
      s.cached_tokens > 0 ? fmt::format(" ({} cached)", s.cached_tokens) : std::string();
  return fmt::format(
      "load    {}, peak memory {}; {}\n"
      "prompt  {} tokens{}{}, first token after {}\n"
      "reply   {} tokens{}\n"
      "{}{}",
      seconds_text(s.load_s), bytes_text(peak_rss_bytes()), machine_text(options), s.prompt_tokens,
      cached, rate_text(s.prefill_tokens_per_s()), seconds_text(s.first_token_s),
      s.completion_tokens, rate_text(s.decode_tokens_per_s()), thinking_text(s.thinking),
      speculation_text(s.speculation));
}

Json summary_json(const Summary& s, const CommonOptions& options) {
  Json json = {{"prompt_tokens", s.prompt_tokens},
               {"cached_tokens", s.cached_tokens},
               {"completion_tokens", s.completion_tokens},
               {"thinking_tokens", s.thinking.thinking_tokens},
               {"answer_tokens", s.thinking.answer_tokens},
               {"thinking_end", s.thinking_end},
               {"finish_reason", s.finish_reason},
               {"load_s", s.load_s},
               {"prefill_s", s.prefill_s},
               {"decode_s", s.decode_s},
               {"prefill_tokens_per_s", s.prefill_tokens_per_s()},
               {"decode_tokens_per_s", s.decode_tokens_per_s()}};
  add_speculation_keys(json, s.speculation);
  add_machine_keys(json, options);
  return json;
}

}  // namespace pangu::app
