// SPDX-License-Identifier: Apache-2.0
// pangu intent examples: made-up labelled requests of the built-in kinds.
#include <fmt/format.h>

#include <memory>

#include "adaptive/intent/examples/examples.h"
#include "apps/intent/intent_commands.h"
#include "apps/shared/commands.h"
#include "apps/shared/output.h"
#include "io/atomic_file.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct IntentExamplesCommand {
  CommonOptions common;
  std::string out;
  int per_kind = 150;
  std::uint64_t seed = 1;
};

void intent_examples_command(const IntentExamplesCommand& o) {
  check_output(o.out, {});
  CommandFrame frame(o.common);
  const auto examples = adaptive::make_request_examples(o.per_kind, o.seed);
  std::string lines;
  for (const adaptive::RequestExample& example : examples) lines += adaptive::example_line(example);
  write_file_atomically(o.out, lines);
  frame.finish(
      [&] {
        return Json{{"out", o.out}, {"rows", examples.size()}, {"bytes", lines.size()}};
      },
      [&](double seconds) {
        return fmt::format("{} requests written to {} in {}\n", examples.size(), o.out,
                           seconds_text(seconds));
      });
}

}  // namespace

void add_intent_examples_command(CLI::App& intent) {
  auto o = std::make_shared<IntentExamplesCommand>();
  CLI::App* command =
      intent.add_subcommand("examples",
                            "Writes made-up labelled requests of the built-in kinds\n"
                            "\n"
                            "Example:\n"
                            "  pangu intent examples requests.jsonl --per-kind 100");
  command->add_option("OUT", o->out, "File to write, .jsonl")->required();
  command->add_option("--per-kind", o->per_kind, "Requests of each kind")
      ->type_name("N")
      ->check(whole_number(1, 100'000))
      ->capture_default_str()
      ->group("Rows");
  command->add_option("--seed", o->seed, "Others of them")
      ->type_name("S")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group("Rows");
  add_common_options(*command, o->common);
  command->callback([o] { intent_examples_command(*o); });
}

}  // namespace pangu::app
