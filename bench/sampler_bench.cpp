// SPDX-License-Identifier: Apache-2.0
// Time to choose one token from the logits of openPangu's vocabulary.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "runtime/sample/sampler.h"
#include "runtime/score/logprobs.h"

namespace pangu {
namespace {

constexpr std::size_t kVocabulary = 153376;

// A bulk of unlikely tokens and a few likely ones, as a language model gives; or, with spread 0.05,
// the flat output of an untrained one.
std::vector<float> make_logits(float spread, bool has_peaks) {
  std::mt19937_64 generator(20261121);
  std::normal_distribution<float> normal(0.0f, spread);
  std::vector<float> logits(kVocabulary);
  for (float& v : logits) v = normal(generator);
  if (has_peaks) {
    for (std::size_t i = 0; i < 200; ++i) {
      logits[i * 761 + 13] = 18.0f - 2.0f * std::log1p(static_cast<float>(i));
    }
  }
  return logits;
}

void run(benchmark::State& state, const SamplingOptions& options, bool flat = false) {
  const std::vector<float> logits = flat ? make_logits(0.05f, false) : make_logits(2.5f, true);
  const Sampler sampler(options);
  TokenHistory history = sampler.make_history();
  SamplerScratch scratch;
  for (TokenId id = 0; id < 2000; ++id) history.push(id * 7 % 1500);
  for (auto _ : state) {
    history.push(sampler.sample(logits, history, scratch));
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_SamplerGreedy(benchmark::State& s) {
  run(s, {.temperature = 0.0f});
}
void BM_SamplerGreedyPenalties(benchmark::State& s) {
  run(s, {.temperature = 0.0f, .repetition_penalty = 1.1f});
}
void BM_SamplerTemperature(benchmark::State& s) {
  run(s, {});
}
void BM_SamplerTopP08(benchmark::State& s) {
  run(s, {.top_p = 0.8f});
}
void BM_SamplerTopP08Flat(benchmark::State& s) {
  run(s, {.top_p = 0.8f}, true);
}
void BM_SamplerTopK40(benchmark::State& s) {
  run(s, {.top_k = 40});
}
void BM_SamplerTopK40Flat(benchmark::State& s) {
  run(s, {.top_k = 40}, true);
}
void BM_SamplerTopK40TopP08(benchmark::State& s) {
  run(s, {.top_k = 40, .top_p = 0.8f});
}
void BM_SamplerMinP005(benchmark::State& s) {
  run(s, {.min_p = 0.05f});
}
BENCHMARK(BM_SamplerGreedy)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerGreedyPenalties)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTemperature)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTopP08)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTopP08Flat)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTopK40)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTopK40Flat)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerTopK40TopP08)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_SamplerMinP005)->Unit(benchmark::kMicrosecond);

void BM_Logprobs20(benchmark::State& state) {
  const std::vector<float> logits = make_logits(2.5f, true);
  for (auto _ : state) benchmark::DoNotOptimize(token_logprobs(logits, 13, 20));
}
BENCHMARK(BM_Logprobs20)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pangu
