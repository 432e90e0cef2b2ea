// SPDX-License-Identifier: Apache-2.0
// The logits of a token depend on its sequence alone: bit for bit the same for any chunking, batch
// mates, thread count, fork and truncation, for every dtype, weight format, cache format and
// instruction set. (The kernels' own tests go through all weight formats.)
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/linear/linear.h"
#include "kernels/paged_attention/paged_attention.h"
#include "models/config/config_shapes.h"
#include "ops/host.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

/// A small model whose sizes are odd wherever the architecture allows.
ModelConfig small_config() {
  ModelConfig c = *named_shape("openpangu-embedded-1b");
  c.hidden_size = 100;
  c.n_layers = 2;
  c.n_heads = 6;
  c.n_kv_heads = 2;
  c.head_dim = 18;
  c.intermediate_size = {130, 64};
  c.vocab_size = 203;
  return c;
}

struct InvarianceCase {
  Isa isa;
  DType dtype;
  WeightFormat weights;
  KvFormat kv;
};

/// Whether a model would run the same kernels for both: other instructions then change nothing.
bool same_kernels(const InvarianceCase& a, const InvarianceCase& b) {
  return a.dtype == b.dtype && a.weights == b.weights && a.kv == b.kv &&
         kernels::attention_kernel(a.kv, a.isa) == kernels::attention_kernel(b.kv, b.isa) &&
         kernels::linear_kernel(a.weights, a.dtype, a.isa).fn ==
             kernels::linear_kernel(b.weights, b.dtype, b.isa).fn;
}

std::vector<InvarianceCase> all_invariance_cases() {
  std::vector<InvarianceCase> cases;
  for (const Isa isa : test::model_isas()) {
    for (const DType dtype : {DType::kF32, DType::kBF16}) {
      for (const WeightFormat weights : {WeightFormat::kF32, WeightFormat::kBF16}) {
        cases.push_back({isa, dtype, weights, exact_kv_format(dtype)});
      }
    }
    if (isa == Isa::kRef) continue;  // a row at a time by construction, and slow with codes
    cases.push_back({isa, DType::kF32, WeightFormat::kW4A16G32, KvFormat::kInt8});
    cases.push_back({isa, DType::kBF16, WeightFormat::kW8A16, KvFormat::kInt8});
    cases.push_back({isa, DType::kBF16, WeightFormat::kW8A8, KvFormat::kInt4});
    cases.push_back({isa, DType::kBF16, WeightFormat::kW4A16G64Asym, KvFormat::kInt4});
    cases.push_back({isa, DType::kBF16, WeightFormat::kW4A8G64, KvFormat::kBF16});
  }
  return cases;
}

std::vector<InvarianceCase> invariance_cases() {
  std::vector<InvarianceCase> cases;
  for (const InvarianceCase& c : all_invariance_cases()) {
    const auto same = [&](const InvarianceCase& other) { return same_kernels(c, other); };
    if (std::ranges::none_of(cases, same)) cases.push_back(c);
  }
  return cases;
}

// A sanitizer needs each path once; the optimized build looks for rare differences.
const int kRounds = test::takes_fewer() ? 1 : 4;
const int kForks = test::takes_fewer() ? 2 : 6;

class Invariance : public testing::TestWithParam<InvarianceCase> {
 protected:
  /// More than one attention split, many pages; the plain kernels, which take a row at a time
  /// anyway, have less to do under sanitizers.
  static int64_t length() {
    if (!test::takes_fewer()) return 700;
    return GetParam().isa == Isa::kRef ? 150 : 560;
  }

  void SetUp() override {
    const InvarianceCase& c = GetParam();
    model_ = test::random_model(small_config(), {.threads = 2, .isa = c.isa, .dtype = c.dtype},
                                c.weights);
    model_.kv = c.kv;
    vocab_ = static_cast<std::size_t>(model_.network->config().vocab_size);
    rng_.seed(test::seed());
  }

  std::vector<TokenId> random_tokens(int64_t n) {
    std::vector<TokenId> ids(static_cast<std::size_t>(n));
    for (TokenId& id : ids) id = static_cast<TokenId>(rng_() % vocab_);
    return ids;
  }

  /// Logits of every position, one token at a time.
  std::vector<float> plain(const std::vector<TokenId>& ids) {
    test::Runner run(model_, static_cast<int64_t>(ids.size()));
    std::vector<float> out;
    for (const TokenId& id : ids) {
      const auto row = run.feed(std::span(&id, 1));
      out.insert(out.end(), row.begin(), row.end());
    }
    return out;
  }

  void expect_same(std::span<const float> got, const std::vector<float>& want, std::size_t position,
                   const std::string& what) {
    ASSERT_EQ(std::memcmp(got.data(), want.data() + position * vocab_, got.size_bytes()), 0)
        << what << " from position " << position;
  }

  test::LoadedModel model_;
  std::size_t vocab_ = 0;
  std::mt19937_64 rng_;
};

TEST_P(Invariance, AnyChunkingGivesTheSameBits) {
  const auto ids = random_tokens(length());
  const auto want = plain(ids);
  for (int round = 0; round < kRounds; ++round) {
    test::Runner run(model_, length());
    for (std::size_t at = 0; at < ids.size();) {
      const std::size_t n =
          std::min<std::size_t>(rng_() % (round == 0 ? 700 : 90) + 1, ids.size() - at);
      expect_same(run.feed(std::span(ids).subspan(at, n)), want, at,
                  "a chunk of " + std::to_string(n));
      at += n;
    }
  }
}

TEST_P(Invariance, AnyMixOfSequencesInABatchGivesTheSameBits) {
  std::vector<std::vector<TokenId>> ids;
  std::vector<std::vector<float>> want;
  for (const int64_t n : {1, 33, 64, 200}) {
    ids.push_back(random_tokens(n));
    want.push_back(plain(ids.back()));
  }
  for (int round = 0; round < kRounds; ++round) {
    KvCache cache(model_.network->kv_shape(model_.kv_format()), 1024, model_.ctx->shared_device());
    std::vector<SequenceId> sequences;
    for (std::size_t s = 0; s < ids.size(); ++s) sequences.push_back(cache.create());
    for (bool more = true; more;) {
      Batch batch;
      std::vector<std::pair<std::size_t, std::size_t>> rows;  // sequence and position of each row
      for (std::size_t s = 0; s < ids.size(); ++s) {
        const auto done = static_cast<std::size_t>(cache.length(sequences[s]));
        const std::size_t n = std::min<std::size_t>(rng_() % 40, ids[s].size() - done);
        cache.append(sequences[s], std::span(ids[s]).subspan(done, n), Logits::kAll, batch);
        for (std::size_t i = 0; i < n; ++i) rows.emplace_back(s, done + i);
      }
      if (rows.empty()) {
        more = false;
        for (std::size_t s = 0; s < ids.size(); ++s) {
          more = more || cache.length(sequences[s]) < static_cast<int64_t>(ids[s].size());
        }
        continue;
      }
      const Tensor logits = to_host(model_.network->forward(batch, cache.storage(), *model_.ctx));
      for (std::size_t r = 0; r < rows.size(); ++r) {
        expect_same(std::span<const float>(logits.data<float>() + r * vocab_, vocab_),
                    want[rows[r].first], rows[r].second,
                    "sequence " + std::to_string(rows[r].first));
      }
    }
  }
}

TEST_P(Invariance, AnyThreadCountGivesTheSameBits) {
  const InvarianceCase& c = GetParam();
  const auto ids = random_tokens(90);
  const auto want = plain(ids);
  for (const int threads : {1, 3, 7}) {
    auto other = test::random_model(
        small_config(), {.threads = threads, .isa = c.isa, .dtype = c.dtype}, c.weights);
    other.kv = c.kv;
    test::Runner run(other, 90);
    expect_same(run.feed(ids), want, 0, std::to_string(threads) + " threads");
  }
}

TEST_P(Invariance, AnyMemoryNodesGiveTheSameBits) {
  const InvarianceCase& c = GetParam();
  const auto ids = random_tokens(90);
  const auto want = plain(ids);
  // A machine that lacks some of these processors lets the threads run anywhere.
  const auto node = [](int number, int cores) {
    return MemoryNode{.number = number, .processors = {number}, .cores = cores};
  };
  for (const auto& nodes : {std::vector{node(0, 4)},
                            {node(0, 2), node(1, 2)},
                            {node(0, 3), node(1, 1)},
                            {node(0, 1), node(2, 1), node(5, 2)}}) {
    auto other = test::random_model(
        small_config(), {.threads = 4, .isa = c.isa, .dtype = c.dtype, .nodes = nodes}, c.weights);
    other.kv = c.kv;
    test::Runner run(other, 90);
    expect_same(run.feed(ids), want, 0, fmt::format("{} nodes", nodes.size()));
  }
}

TEST_P(Invariance, OnlyTheWantedLogitsAreComputedAndTheyAreTheSame) {
  const auto ids = random_tokens(50);
  const auto want = plain(ids);
  KvCache cache(model_.network->kv_shape(model_.kv_format()), 64, model_.ctx->shared_device());
  const SequenceId id = cache.create();
  Batch first, second;
  cache.append(id, std::span(ids).first(20), Logits::kNone, first);
  EXPECT_EQ(model_.network->forward(first, cache.storage(), *model_.ctx).count(), 0);
  cache.append(id, std::span(ids).subspan(20), Logits::kLast, second);
  const Tensor logits = to_host(model_.network->forward(second, cache.storage(), *model_.ctx));
  ASSERT_EQ(logits.shape(), (Shape{1, static_cast<int64_t>(vocab_)}));
  expect_same(std::span<const float>(logits.data<float>(), vocab_), want, 49, "the last token");
}

TEST_P(Invariance, AForkedAndTruncatedSequenceContinuesAsAFreshOne) {
  const auto ids = random_tokens(150);
  for (int round = 0; round < kForks; ++round) {
    test::Runner run(model_, 1024);
    run.feed(ids);
    const auto keep = static_cast<int64_t>(rng_() % 150);
    const SequenceId fork = run.cache().fork(run.id());
    run.cache().truncate(fork, keep);
    const auto rest = random_tokens(static_cast<int64_t>(rng_() % 40) + 1);

    std::vector<TokenId> fresh(ids.begin(), ids.begin() + keep);
    fresh.insert(fresh.end(), rest.begin(), rest.end());
    const auto want = plain(fresh);
    Batch batch;
    run.cache().append(fork, rest, Logits::kAll, batch);
    const Tensor logits =
        to_host(model_.network->forward(batch, run.cache().storage(), *model_.ctx));
    expect_same(std::span<const float>(logits.data<float>(), rest.size() * vocab_), want,
                static_cast<std::size_t>(keep), "a fork cut to " + std::to_string(keep));
    // The one that was forked has not noticed.
    const auto more = random_tokens(3);
    std::vector<TokenId> original = ids;
    original.insert(original.end(), more.begin(), more.end());
    expect_same(run.feed(more), plain(original), ids.size(), "the original");
  }
}

INSTANTIATE_TEST_SUITE_P(AllKernels, Invariance, testing::ValuesIn(invariance_cases()),
                         [](const auto& test) {
                           std::string text =
                               fmt::format("{}_{}_weights_{}_cache_{}", name(test.param.isa),
                                           name(test.param.dtype), name(test.param.weights),
                                           name(test.param.kv));
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

TEST(IsaAgreement, LogitsInF32AgreeTo1e5) {
  std::mt19937_64 rng(test::seed());
  std::vector<TokenId> ids(120);
  for (TokenId& id : ids) id = static_cast<TokenId>(rng() % 203);
  std::vector<float> reference;
  for (const Isa isa : supported_isas()) {
    auto model =
        test::random_model(small_config(), {.threads = 2, .isa = isa, .dtype = DType::kF32});
    test::Runner run(model, 128);
    const auto logits = run.feed(ids);
    if (isa == Isa::kRef) reference = logits;
    EXPECT_LE(test::relative_error(logits, reference), 1e-5) << name(isa);
  }
}

}  // namespace
}  // namespace pangu
