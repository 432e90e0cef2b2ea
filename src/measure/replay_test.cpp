// SPDX-License-Identifier: Apache-2.0
#include "measure/replay.h"

#include <stop_token>

#include "models/config/config_shapes.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

TEST(Replay, EndsBetweenPassesWhenCancelled) {
  Context ctx({.threads = 1, .isa = Isa::kRef});
  ModelConfig config = *named_shape("qwen3-0.6b");
  config.hidden_size = 64;
  config.n_layers = 1;
  config.intermediate_size = {96};
  config.vocab_size = 300;
  Model model;
  model.network = load_language_model(config, *random_source(config, DType::kBF16, 1), {}, ctx);
  std::stop_source stop;
  stop.request_stop();
  const ReplayOptions options{
      .ways = {}, .repetitions = 1, .progress = {}, .cancel = stop.get_token()};
  PANGU_EXPECT_ERROR(run_replay(model, nullptr, ctx, synthetic_recordings(300, 64, 4), options),
                     Cancelled, "[replay] stopped");
}

}  // namespace
}  // namespace pangu
