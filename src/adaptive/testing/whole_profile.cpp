// SPDX-License-Identifier: Apache-2.0
#include "adaptive/testing/whole_profile.h"

#include "tests/support/support.h"

namespace pangu::adaptive::test_data {

ProfileData whole_profile() {
  ProfileData out;
  out.entry.identity = {.model = "sha256:aa",
                        .machine = {.processor = "Made-up 3000 @ 2.10GHz",
                                    .isa = "avx512vnni",
                                    .threads = 2,
                                    .dtype = "bf16",
                                    .memory = std::int64_t{16} << 30},
                        .engine = "0.1.0+bb"};
  out.entry.model_name = "models/模型";
  out.machine_speed = {21.5e9, 3.25e11};
  out.tasks = {{1, "math", "gsm8k: problems.jsonl", "sha256:cc", 120, 0},
               {2, "choice", "mmlu", "sha256:dd", 60, 0.25}};
  VariantFigures original{.id = 1, .variant = {}};
  original.footprint = {1.5, 5'000'000'000, 4'200'000'000, 65'536};
  original.speed = {{128, 1, 90.5, 9.75, 90.5, 9.75, "2026-11-30T18:00:00Z"},
                    {128, 8, 95, 40.5, 95, 40.5, "2026-11-30T18:01:00Z"},
                    {1024, 1, 80.25, 9.5, 80.25, 9.5, "2026-11-30T18:02:00Z"}};
  VariantFigures unmeasured{.id = 2, .variant = {"", "w8a8", "int8"}};
  VariantFigures smaller{
      .id = 3, .variant = {"runs/half", "w4a8-g64", ""}, .source_digest = "sha256:ee"};
  smaller.footprint = {0.25, 900'000'000, 700'000'000, 32'768.5};
  smaller.speed = {{128, 1, 300.5, 35.25, 88, 9.5, "2026-11-30T18:03:00Z"},
                   {128, 8, 310, 120, 0, 0, "2026-11-30T18:04:00Z"}};
  smaller.divergence = {0.03125, -0.001, 0.0625, 0.9375, 4096};
  out.variants = {original, unmeasured, smaller};
  out.answers = {{1, 1, Thinking::kDefault, {{0, 1, 50, 200}, {1, 0, 60, 300}, {2, 1, 55, 250}}},
                 {1, 1, Thinking::kFast, {{0, 1, 52, 20}}},
                 {1, 3, Thinking::kDefault, {{0, 0, 50, 210}, {1, 0.5, 60, 290}}},
                 {2, 3, Thinking::kSlow, {{0, 1, 70, 900}}}};
  out.speculation = {{1, 1, Thinking::kDefault, SpeculationMode::kLookup, "", 1.25, 1.125, 1.5},
                     {1, 1, Thinking::kFast, SpeculationMode::kDraft, "tiny", 1.75, 1.5, 2},
                     {2, 3, Thinking::kAuto, SpeculationMode::kSuffix, "", 0.875, 0.75, 1}};
  return out;
}

std::int64_t put_all(ProfileStore& store, const ProfileData& data) {
  const std::int64_t id = store.open(data.entry.identity, data.entry.model_name);
  if (data.machine_speed) store.put_machine_speed(id, *data.machine_speed);
  for (const TaskFigures& task : data.tasks) store.put_task(id, task);
  for (const VariantFigures& v : data.variants) {
    const std::int64_t variant = store.put_variant(id, v.variant, v.source_digest);
    if (v.footprint) store.put_speed(variant, *v.footprint, v.speed);
    if (v.divergence) store.put_divergence(variant, *v.divergence);
  }
  for (const AnswerSet& set : data.answers) store.put_answers(set);
  for (const SpeculationFigures& figures : data.speculation) store.put_speculation(figures);
  return id;
}

void make_whole_profile(const std::filesystem::path& file) {
  static const test::ScratchDir dir;
  const std::filesystem::path first = dir / "whole.db";
  if (!std::filesystem::exists(first)) {
    ProfileStore store(first, Access::kWrite);
    put_all(store, whole_profile());
  }
  std::filesystem::copy_file(first, file, std::filesystem::copy_options::overwrite_existing);
}

}  // namespace pangu::adaptive::test_data
