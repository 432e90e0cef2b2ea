// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/speculation_options.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <string_view>

#include "apps/shared/common_options.h"
#include "apps/shared/option_rules.h"
#include "base/error.h"

namespace pangu::app {

SpeculationOptions SpeculationFlags::options() const {
  SpeculationOptions out = rest;
  out.mode = require_speculation_mode(mode);
  out.draft_model = draft;
  out.validate();
  if (out.mode == SpeculationMode::kDraft && draft.empty()) {
    fail<ConfigError>("--spec draft needs --draft: a smaller model with the same tokenizer.");
  }
  return out;
}

CLI::Validator speculation_mode() {
  return one_of({"off", "pld", "suffix", "draft", "self", "auto"});
}

void add_speculation_options(CLI::App& command, SpeculationFlags& flags,
                             const std::string& draft_too, bool with_mode) {
  if (with_mode) {
    command
        .add_option("--spec", flags.mode,
                    "Guess several tokens at a time: off, pld, suffix, draft, self or auto; "
                    "replies stay the same")
        ->type_name("MODE")
        ->capture_default_str()
        ->transform(speculation_mode())
        ->group("Speculation");
  }
  add_model_option(command, "--draft", flags.draft,
                   "A smaller model with the same tokenizer that guesses" + draft_too)
      ->type_name("MODEL")
      ->group("Speculation");
  const auto number = [&](const char* flag, auto& value, std::int64_t min, std::int64_t max,
                          const char* what) {
    return command.add_option(flag, value, what)
        ->type_name("N")
        ->check(whole_number(min, max))
        ->group("Speculation");
  };
  number("--spec-tokens", flags.rest.tokens, 1, 32, "Tokens to guess; auto chooses for itself")
      ->capture_default_str();
  number("--spec-ngram", flags.rest.ngram, 1, 16, "Tokens that pld looks for, at most")
      ->capture_default_str();
  number("--self-layers", flags.rest.self_layers, 1, 1 << 16, "Layers that guess with --spec self")
      ->default_str("a quarter");
}

void check_speculation_usage(const CLI::App& command, std::span<const std::string> modes,
                             bool draft_too) {
  const auto require = [&](const char* option, std::initializer_list<std::string_view> users) {
    if (std::ranges::find_first_of(modes, users) != modes.end()) return;
    refuse_given(command, {option},
                 fmt::format("has no effect with --spec {}: it goes with --spec {}.",
                             modes.empty() ? "off" : fmt::format("{}", fmt::join(modes, ",")),
                             fmt::join(users, " or ")));
  };
  if (!draft_too) require("--draft", {"draft", "auto"});
  require("--spec-tokens", {"pld", "suffix", "draft", "self"});
  require("--spec-ngram", {"pld", "auto"});
  require("--self-layers", {"self", "auto"});
}

std::string speculation_text(const SpeculationStats& s) {
  if (s.drafted == 0) return "";
  const std::string ratio =
      s.speed_up_is_known() ? fmt::format(", {:.2f}x plain decoding", s.speed_up()) : std::string();
  const std::string forced = s.forced > 0 ? fmt::format(" ({} forced)", s.forced) : std::string();
  return fmt::format("drafts  {} of {} tokens right{}, {:.2f} tokens a pass{}\n", s.accepted,
                     s.drafted, forced, s.tokens_per_pass(), ratio);
}

void add_speculation_keys(Json& json, const SpeculationStats& s) {
  if (s.passes == 0) return;
  json["drafted"] = s.drafted;
  json["accepted"] = s.accepted;
  json["forced"] = s.forced;
  json["tokens_per_step"] = s.tokens_per_pass();
  json["speculation"] = {{"steps", s.passes},
                         {"acceptance", s.acceptance()},
                         {"drafted_at", s.drafted_at},
                         {"accepted_at", s.accepted_at},
                         {"draft_s", s.draft_s},
                         {"total_s", s.total_s},
                         {"plain_s", s.plain_s},
                         {"speed_up", s.speed_up()},
                         {"speed_up_known", s.speed_up_is_known()}};
}

}  // namespace pangu::app
