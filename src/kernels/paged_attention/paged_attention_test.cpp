// SPDX-License-Identifier: Apache-2.0
// Attention of every instruction set against a float64 softmax over plain arrays, and its
// independence of chunking, company, threads and of what lies in unused slots.
#include "kernels/paged_attention/paged_attention.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/kv_append/kv_append.h"
#include "kernels/kv_append/kv_quantize.h"
#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::Random;

struct Shape {
  int64_t heads, kv_heads, dim;
};

/// Keys, values and queries of one sequence as plain rows, and a paged copy of the cache whose
/// unused slots and padding are NaN.
class Sequence {
 public:
  Sequence(Shape shape, KvFormat format, int64_t length, Random& random)
      : s_(shape), format_(format), length_(length), q_(random.normals(length * q_width())) {
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
    // NaN as f32, bf16 and f16.
    memory_.assign(static_cast<std::size_t>(n_pages) * pages().page_bytes(), std::byte{0xFF});
    ThreadPool pool(1);
    const SequenceRows rows{0, length, 0, 0};
    cached_k_ = as_cached(k_), cached_v_ = as_cached(v_);
    kv_append({k_.data(), kv_width(), v_.data(), kv_width(), pages(), std::span(&rows, 1), table_},
              {pool, Isa::kRef});
  }

  int64_t q_width() const { return s_.heads * s_.dim; }
  int64_t kv_width() const { return s_.kv_heads * s_.dim; }
  KvPages pages() const {
    return {const_cast<std::byte*>(memory_.data()), format_, s_.dim, s_.kv_heads};
  }

  /// Outputs of positions [first, last), computed in one call.
  std::vector<float> run(Isa isa, int threads, int64_t first, int64_t last) const {
    std::vector<float> y(static_cast<std::size_t>((last - first) * q_width()));
    const SequenceRows rows{0, last - first, first, 0};
    ThreadPool pool(threads);
    paged_attention({q_.data() + first * q_width(), q_width(), s_.heads, scale(), y.data(),
                     DType::kF32, pages(), std::span(&rows, 1), table_},
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
          dot += double(q_[size_t(position * q_width() + h * s_.dim + d)]) *
                 cached_k_[size_t(p * kv_width() + g * s_.dim + d)];
        }
        w.push_back(dot * scale());
        max = std::max(max, w.back());
      }
      for (double& x : w) sum += x = std::exp(x - max);
      for (int64_t d = 0; d < s_.dim; ++d) {
        double value = 0;
        for (int64_t p = 0; p <= position; ++p) {
          value += w[size_t(p)] / sum * cached_v_[size_t(p * kv_width() + g * s_.dim + d)];
        }
        out.push_back(value);
      }
    }
    return out;
  }

 private:
  /// Rows of vectors as the cache gives them back.
  std::vector<float> as_cached(std::vector<float> x) const {
    for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(s_.dim)) {
      float* v = x.data() + at;
      if (format_ == KvFormat::kBF16) {
        for (int64_t d = 0; d < s_.dim; ++d) v[d] = to_f32(to_bf16(v[d]));
      } else if (format_ == KvFormat::kInt8) {
        std::int8_t codes[128];
        const float scale = quantize_int8(v, s_.dim, codes);
        for (int64_t d = 0; d < s_.dim; ++d) v[d] = scale * float(codes[d]);
      } else if (format_ == KvFormat::kInt4) {
        for (int64_t g = 0; g < s_.dim; g += kKvGroup) {
          const int64_t n = std::min(kKvGroup, s_.dim - g);
          std::uint8_t codes[kKvGroup];
          const Int4Scale s = quantize_int4(v + g, n, codes);
          for (int64_t d = 0; d < n; ++d) {
            v[g + d] = to_f32(s.scale) * float(codes[d]) + to_f32(s.minimum);
          }
        }
      }
    }
    return x;
  }
  float scale() const { return 1.0f / std::sqrt(static_cast<float>(s_.dim)); }

  Shape s_;
  KvFormat format_;
  int64_t length_;
  std::vector<float> q_, k_, v_, cached_k_, cached_v_;
  std::vector<std::int32_t> table_;
  std::vector<std::byte> memory_;
};

constexpr Shape kShapes[] = {{4, 2, 8},  {12, 6, 128}, {3, 1, 48},
                             {5, 5, 18}, {40, 2, 64},  {8, 2, 36}};

/// Weights sum to 1 and values are about 1: f32 rounding, or that of bf16 weights.
double error_bound(KvFormat format, Isa isa) {
  const bool rounds =
      format != KvFormat::kF32 && (format == KvFormat::kBF16 || isa.has(Isa::kAvx512Bf16));
  return rounds ? 1e-2 : 5e-6;
}

/// Sets of instructions with kernels of their own; the others would compute the same again.
std::vector<Isa> isas(KvFormat format) {
  std::vector<Isa> out;
  for (const Isa isa : supported_isas()) {
    const auto same = [&](Isa other) {
      return attention_kernel(format, other) == attention_kernel(format, isa);
    };
    if (std::ranges::none_of(out, same)) out.push_back(isa);
  }
  return out;
}

TEST(Attention, EveryIsaMatchesAFloat64Softmax) {
  Random random;
  for (const KvFormat format : kv_formats()) {
    for (const Shape& shape : kShapes) {
      const Sequence s(shape, format, 75, random);
      for (const Isa isa : isas(format)) {
        const auto got = s.run(isa, 2, 0, 75);
        const double bound = error_bound(format, isa);
        for (const int64_t position : {0, 1, 30, 31, 32, 33, 63, 64, 74}) {
          const auto want = s.expected(position);
          for (std::size_t i = 0; i < want.size(); ++i) {
            ASSERT_NEAR(got[size_t(position) * want.size() + i], want[i], bound)
                << name(isa) << " " << name(format) << " heads " << shape.heads << " position "
                << position;
          }
        }
      }
    }
  }
}

TEST(Attention, SplitsOfALongCacheAddUp) {
  Random random;
  for (const KvFormat format : kv_formats()) {
    const Sequence s({4, 2, 32}, format, 1500, random);
    for (const Isa isa : isas(format)) {
      for (const int64_t position : {511, 512, 1023, 1024, 1499}) {
        const auto want = s.expected(position);
        const auto got = s.run(isa, 2, position, position + 1);
        for (std::size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(got[i], want[i], error_bound(format, isa))
              << name(isa) << " " << name(format) << " " << position;
        }
      }
    }
  }
}

TEST(Attention, ARowIsTheSameInAnyCompany) {
  Random random;
  for (const KvFormat format : kv_formats()) {
    for (const Shape& shape :
         {Shape{12, 6, 128}, Shape{40, 2, 64}, Shape{3, 1, 18}, Shape{8, 2, 36}}) {
      if (test::takes_fewer() && shape.heads > 8) continue;
      const int64_t length = test::takes_fewer() ? 600 : 1100;
      const Sequence s(shape, format, length, random);
      for (const Isa isa : isas(format)) {
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
          if (last > length) continue;
          for (const int threads : {1, 3}) {
            const auto part = s.run(isa, threads, first, last);
            ASSERT_EQ(std::memcmp(part.data(), all.data() + first * s.q_width(), part.size() * 4),
                      0)
                << name(isa) << " " << name(format) << " positions " << first << " to " << last
                << " on " << threads << " threads";
          }
        }
      }
    }
  }
}

/// Output of one head with queries of 16 that sees one position: its first key is `k0`, the others
/// 0, and its values are 1.
std::vector<float> attend_to_one(float k0, KvFormat format, Isa isa) {
  std::vector<std::byte> memory(16384);
  std::vector<float> q(8, 16.0f), y(8, 5.0f), k(8, 0.0f), v(8, 1.0f);
  k[0] = k0;
  const std::int32_t page = 0;
  const SequenceRows rows{0, 1, 0, 0};
  const KvPages pages{memory.data(), format, 8, 1};
  ThreadPool pool(1);
  kv_append({k.data(), 8, v.data(), 8, pages, std::span(&rows, 1), std::span(&page, 1)},
            {pool, isa});
  paged_attention({q.data(), 8, 1, 1.0f, y.data(), DType::kF32, pages, std::span(&rows, 1),
                   std::span(&page, 1)},
                  {pool, isa});
  return y;
}

TEST(Attention, ARowWhoseOnlyScoreIsMinusInfinityGivesZeros) {
  for (const KvFormat format : {KvFormat::kF32, KvFormat::kBF16, KvFormat::kInt8}) {
    for (const Isa isa : supported_isas()) {
      for (const float y : attend_to_one(-3e38f, format, isa)) {
        EXPECT_EQ(y, 0.0f) << name(isa) << " " << name(format);
      }
    }
  }
}

TEST(Attention, NumbersThatCodesCannotHoldAreNotHidden) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Isa isa : supported_isas()) {
    for (const float y : attend_to_one(nan, KvFormat::kF32, isa)) EXPECT_TRUE(std::isnan(y));
    for (const KvFormat format : {KvFormat::kInt8, KvFormat::kInt4}) {
      for (const float k0 : {nan, infinity, -infinity}) {
        for (const float y : attend_to_one(k0, format, isa)) {
          EXPECT_TRUE(std::isnan(y)) << name(isa) << " " << name(format) << " " << k0;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pangu::kernels
