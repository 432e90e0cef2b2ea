// SPDX-License-Identifier: Apache-2.0
// The subcommands of the pangu program. Each is one file and one row in the table of pangu.cpp.
#pragma once

#include <CLI/App.hpp>
#include <array>
#include <stdexcept>
#include <string_view>

namespace pangu::app {

/// Wrong use of the command line that only the command itself can see: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Thrown by a command whose work is done and answered, with an answer that scripts take from the
/// exit status.
struct EndWithStatus {
  int status = 0;
};

/// The exit status where a check was made and what it looked at does not hold.
inline constexpr int kDoesNotHold = 3;

/// Words before MODEL that pangu profile takes.
inline constexpr std::array<std::string_view, 3> kProfileActions = {"show", "check", "refresh"};

// Each adds a subcommand whose callback does the work. A callback reports failure by throwing:
// pangu::Error ends with status 1, UsageError with 2, pangu::Cancelled with 130, EndWithStatus with
// its own.

void add_run_command(CLI::App& app);
void add_serve_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_tokenize_command(CLI::App& app);
void add_template_command(CLI::App& app);
void add_logits_command(CLI::App& app);
void add_bench_command(CLI::App& app);
void add_quantize_command(CLI::App& app);
void add_convert_command(CLI::App& app);
void add_prune_command(CLI::App& app);
void add_train_command(CLI::App& app);
void add_distill_command(CLI::App& app);
void add_train_tokenizer_command(CLI::App& app);
void add_corpus_command(CLI::App& app);
void add_eval_command(CLI::App& app);
void add_profile_command(CLI::App& app);
void add_recommend_command(CLI::App& app);
void add_optimize_command(CLI::App& app);
void add_intent_command(CLI::App& app);

}  // namespace pangu::app
