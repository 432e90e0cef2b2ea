// SPDX-License-Identifier: Apache-2.0
// pangu prune: a smaller copy of a model, without the parts that matter least.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>
#include <vector>

#include "apps/compress/prune_options.h"
#include "apps/compress/prune_run.h"
#include "apps/shared/commands.h"
#include "apps/shared/interrupt.h"
#include "apps/shared/output.h"
#include "io/locate_model.h"

namespace pangu::app {
namespace {

void prune_command(PruneCommand& o) {
  check_prune_options(o);
  o.prune.in = locate_model(o.prune.in);
  check_output_folder(o.prune.out, {o.prune.in});
  o.prune.course = distill_course(o);
  start_log(o.common);
  remark_idle(o);
  Interrupts interrupts;
  run_prune(o, interrupts);
}

}  // namespace

void add_prune_command(CLI::App& app) {
  auto o = std::make_shared<PruneCommand>();
  CLI::App* command = app.add_subcommand(
      "prune",
      "Writes a smaller copy of a model, without the parts that matter least\n"
      "\n"
      "Neurons of the MLPs, key/value heads, layers, channels or single weights are scored, the\n"
      "lowest removed, and what is left repaired or distilled from the original, in rounds, and "
      "at\n"
      "last quantized on request. OUT gets the model, REPORT.md with pictures, and prune.json.\n"
      "Ctrl-C stops; --resume goes on.\n"
      "\n"
      "Examples:\n"
      "  pangu prune MODEL OUT --calibration texts.jsonl --ratio 0.2\n"
      "  pangu prune MODEL OUT --method camera --calibration texts.txt --ratio 0.2\n"
      "  pangu prune MODEL OUT --calibration texts.jsonl --ratio 0.2 --distill texts.jsonl \\\n"
      "    --eval gsm8k:problems.jsonl --eval mcq:questions.jsonl --format w8a16\n"
      "  pangu prune MODEL OUT --unit weights --pattern 2:4 --method sparsegpt \\\n"
      "    --calibration texts.jsonl");
  add_prune_options(*command, *o);
  command->callback([o] { prune_command(*o); });
}

}  // namespace pangu::app
