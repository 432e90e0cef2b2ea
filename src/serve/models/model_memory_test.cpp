// SPDX-License-Identifier: Apache-2.0
#include "serve/models/model_memory.h"

#include <gtest/gtest.h>

#include "runtime/engine_parts.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

TEST(ModelMemory, CountsTheDraftModelToo) {
  PANGU_NEEDS_SHARED_DATA();
  const std::filesystem::path path = test::shared_dir() / "models/stories260K";
  EngineOptions options{.threads = 1, .context = 64};
  options.speculation.mode = SpeculationMode::kOff;
  const Engine alone = Engine::load(path, options);
  const std::int64_t one = memory_of(alone, 128);
  EXPECT_GT(one, weight_bytes(*EngineParts::model(alone).network));
  // From headers: norms, which are f32 in memory, are a good part of so small a model.
  const BatchOptions batch{.max_replies = 2, .cache_positions = 128};
  const std::int64_t expected = expected_memory(path, options, batch);
  EXPECT_NEAR(static_cast<double>(expected), static_cast<double>(one),
              0.1 * static_cast<double>(one));

  // The model drafts for itself: twice of everything.
  options.speculation.mode = SpeculationMode::kDraft;
  options.speculation.draft_model = path;
  const Engine pair = Engine::load(path, options);
  EXPECT_EQ(memory_of(pair, 128), 2 * one);
  EXPECT_GE(expected_memory(path, options, batch), 2 * expected);  // and what forks of drafts need
}

}  // namespace
}  // namespace pangu::serve
