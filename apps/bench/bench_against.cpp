// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_against.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "apps/shared/machine_text.h"
#include "apps/shared/output.h"
#include "io/locate_model.h"
#include "measure/busy_machine.h"
#include "measure/speed_comparison.h"

namespace pangu::app {
namespace {

/// The same kind of thing as the subject, without the changes to its shape.
BenchSubject like(const BenchSubject& subject, const std::string& other) {
  BenchSubject out;
  if (subject.model.empty()) {
    out.shape.name = other;
  } else {
    out.model = locate_model(other).string();
  }
  return out;
}

}  // namespace

void run_bench_against(const BenchSubject& subject, const std::string& other,
                       const FormatOptions& formats, BenchOptions bench,
                       const CommandFrame& frame) {
  const CommonOptions& common = frame.common();
  const BenchSubject first = like(subject, other);
  Context ctx(context_options(common));
  ProgressBar bar = frame.bar("");
  bench.kv = kv_format(common);
  bench.progress = frame.progress(bar);
  bench.check = frame.check();
  const auto before = first.load(formats.parse(), bench.progress, ctx);
  const auto after = subject.load(formats.parse(), bench.progress, ctx);
  const std::vector<SpeedSubject> subjects = {{first.title(), before.get()},
                                              {subject.title(), after.get()}};
  const OtherLoadMeter load;
  const std::vector<ModelSpeed> speeds = compare_speed(subjects, bench, ctx);
  const std::optional<std::string> busy = busy_remark(load.load());
  bar.clear();
  if (common.json) {
    print_json({{"models", speed_json(speeds)},
                {"machine", machine_text(common)},
                {"remarks", busy ? Json::array({*busy}) : Json::array()}});
    return;
  }
  print(speed_markdown(speeds));
  if (busy) print("\nremark: " + *busy + "\n");
  frame.say(fmt::format("\n{}; {} prompt tokens, {} decoded, {} rounds\n", machine_text(common),
                        bench.prompt_tokens, bench.decode_tokens, bench.repetitions));
}

}  // namespace pangu::app
