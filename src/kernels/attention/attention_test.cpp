// SPDX-License-Identifier: Apache-2.0
// Attention of every instruction set against a float64 softmax over plain arrays, and its
// independence of chunking, company, threads and of what lies in unused slots.
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/kv_append/kv_append.h"
#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::Random;

struct Shape {
  int64_t heads, kv_heads, dim;
};

/// Keys, values and queries of one sequence as plain rows, and a paged copy of the cache whose
/// unused slots are NaN.
class Sequence {
 public:
  Sequence(Shape shape, DType dtype, int64_t length, Random& random)
      : s_(shape), dtype_(dtype), length_(length), q_(random.normals(length * q_width())) {
    k_ = random.normals(length * kv_width());
    v_ = random.normals(length * kv_width());
    const int64_t n_pages = (length + kPagePositions - 1) / kPagePositions;
    // Pages in no order, as after many forks.
    for (int64_t p = 0; p < n_pages; ++p)
      table_.push_back(static_cast<std::int32_t>(p * 7 % n_pages));
    std::sort(table_.begin(), table_.end());
    table_.erase(std::unique(table_.begin(), table_.end()), table_.end());
    if (static_cast<int64_t>(table_.size()) != n_pages) {
      table_.clear();
      for (int64_t p = 0; p < n_pages; ++p) table_.push_back(static_cast<std::int32_t>(p));
    }
    std::reverse(table_.begin(), table_.end());
    memory_.assign(static_cast<std::size_t>(n_pages) * pages().page_bytes() / 4,
                   std::numeric_limits<float>::quiet_NaN());
    zero_padding();
    ThreadPool pool(1);
    const SequenceRows rows{0, length, 0, table_.data()};
    kv_append({k_.data(), kv_width(), v_.data(), kv_width(), pages(), std::span(&rows, 1)},
              {pool, Isa::kRef});
  }

  int64_t q_width() const { return s_.heads * s_.dim; }
  int64_t kv_width() const { return s_.kv_heads * s_.dim; }
  KvPages pages() const {
    return {reinterpret_cast<std::byte*>(const_cast<float*>(memory_.data())), dtype_, s_.dim,
            s_.kv_heads};
  }

  /// Outputs of positions [first, last), computed in one call.
  std::vector<float> run(Isa isa, int threads, int64_t first, int64_t last) const {
    std::vector<float> y(static_cast<std::size_t>((last - first) * q_width()));
    const SequenceRows rows{0, last - first, first, table_.data()};
    ThreadPool pool(threads);
    attention({q_.data() + first * q_width(), q_width(), s_.heads, scale(), y.data(), DType::kF32,
               pages(), std::span(&rows, 1)},
              {pool, isa});
    return y;
  }

  /// The formula in float64, from the rows as the cache holds them.
  std::vector<double> expected(int64_t position) const {
    std::vector<double> out;
    for (int64_t h = 0; h < s_.heads; ++h) {
      const int64_t g = h / (s_.heads / s_.kv_heads);
      std::vector<double> w;
      double sum = 0, max = -1e300;
      for (int64_t p = 0; p <= position; ++p) {
        double dot = 0;
        for (int64_t d = 0; d < s_.dim; ++d) {
          dot += double(cached(q_[size_t(position * q_width() + h * s_.dim + d)])) *
                 cached(k_[size_t(p * kv_width() + g * s_.dim + d)]);
        }
        w.push_back(dot * scale());
        max = std::max(max, w.back());
      }
      for (double& x : w) sum += x = std::exp(x - max);
      for (int64_t d = 0; d < s_.dim; ++d) {
        double value = 0;
        for (int64_t p = 0; p <= position; ++p) {
          value += w[size_t(p)] / sum * cached(v_[size_t(p * kv_width() + g * s_.dim + d)]);
        }
        out.push_back(value);
      }
    }
    return out;
  }

 private:
  float cached(float x) const { return dtype_ == DType::kBF16 ? to_f32(to_bf16(x)) : x; }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(s_.dim)); }

  /// The cache starts zeroed, and nobody ever writes the padding of the values.
  void zero_padding() {
    const KvPages p = pages();
    for (std::size_t page = 0; page < table_.size(); ++page) {
      for (int64_t h = 0; h < s_.kv_heads; ++h) {
        auto* words = reinterpret_cast<float*>(p.values(static_cast<int64_t>(page), h));
        const int64_t rows = dtype_ == DType::kBF16 ? kPagePositions / 2 : kPagePositions;
        for (int64_t r = 0; r < rows; ++r) {
          std::fill(words + r * p.padded_dim() + s_.dim, words + (r + 1) * p.padded_dim(), 0.0f);
        }
      }
    }
  }

  Shape s_;
  DType dtype_;
  int64_t length_;
  std::vector<float> q_, k_, v_;
  std::vector<std::int32_t> table_;
  std::vector<float> memory_;
};

constexpr Shape kShapes[] = {{4, 2, 8}, {12, 6, 128}, {3, 1, 48}, {5, 5, 18}, {40, 2, 64}};

TEST(Attention, EveryIsaMatchesAFloat64Softmax) {
  Random random;
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Shape& shape : kShapes) {
      const Sequence s(shape, dtype, 75, random);
      for (const Isa isa : supported_isas()) {
        const auto got = s.run(isa, 2, 0, 75);
        // Weights sum to 1 and values are about 1: f32 rounding, or that of bf16 weights.
        const double bound = dtype == DType::kF32 ? 5e-6 : 2e-2;
        for (const int64_t position : {0, 1, 30, 31, 32, 33, 63, 64, 74}) {
          const auto want = s.expected(position);
          for (std::size_t i = 0; i < want.size(); ++i) {
            ASSERT_NEAR(got[size_t(position) * want.size() + i], want[i], bound)
                << name(isa) << " " << name(dtype) << " heads " << shape.heads << " position "
                << position;
          }
        }
      }
    }
  }
}

TEST(Attention, SplitsOfALongCacheAddUp) {
  Random random;
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    const Sequence s({4, 2, 32}, dtype, 1500, random);
    for (const Isa isa : supported_isas()) {
      for (const int64_t position : {511, 512, 1023, 1024, 1499}) {
        const auto want = s.expected(position);
        const auto got = s.run(isa, 2, position, position + 1);
        for (std::size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(got[i], want[i], dtype == DType::kF32 ? 5e-6 : 1e-2) << position;
        }
      }
    }
  }
}

TEST(Attention, ARowIsTheSameInAnyCompany) {
  Random random;
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Shape& shape : {Shape{12, 6, 128}, Shape{40, 2, 64}, Shape{3, 1, 18}}) {
      const int64_t length = 1100;
      const Sequence s(shape, dtype, length, random);
      for (const Isa isa : supported_isas()) {
        if (isa == Isa::kRef && shape.heads > 3) continue;  // a row at a time by construction
        const auto all = s.run(isa, 1, 0, length);
        for (const auto& [first, last] : {std::pair{0, 1},
                                          {1, 33},
                                          {40, 47},
                                          {500, 530},
                                          {511, 513},
                                          {1023, 1026},
                                          {1099, 1100},
                                          {900, 1100}}) {
          for (const int threads : {1, 3}) {
            const auto part = s.run(isa, threads, first, last);
            ASSERT_EQ(std::memcmp(part.data(), all.data() + first * s.q_width(), part.size() * 4),
                      0)
                << name(isa) << " " << name(dtype) << " positions " << first << " to " << last
                << " on " << threads << " threads";
          }
        }
      }
    }
  }
}

TEST(Attention, ARowThatSeesOnlyMinusInfinityGivesZeros) {
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Isa isa : supported_isas()) {
      std::vector<float> memory(4096, 0.0f), q(8, 1.0f), y(8, 5.0f), k(8, 0.0f), v(8, 1.0f);
      k[0] = -std::numeric_limits<float>::infinity();
      const std::int32_t page = 0;
      const SequenceRows rows{0, 1, 0, &page};
      const KvPages pages{reinterpret_cast<std::byte*>(memory.data()), dtype, 8, 1};
      ThreadPool pool(1);
      kv_append({k.data(), 8, v.data(), 8, pages, std::span(&rows, 1)}, {pool, isa});
      attention({q.data(), 8, 1, 1.0f, y.data(), DType::kF32, pages, std::span(&rows, 1)},
                {pool, isa});
      for (const float out : y) EXPECT_EQ(out, 0.0f) << name(isa);
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
