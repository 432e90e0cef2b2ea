// SPDX-License-Identifier: Apache-2.0
#include "kernels/document_attention/document_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/document_attention/attention_products.h"
#include "kernels/document_attention/score_block.h"

namespace pangu::kernels {
namespace {

constexpr int64_t kQueriesPerTask = 480;

/// Queries [begin, end) of one head of a document.
struct QueryRange {
  DocumentRows document;
  int64_t head, begin, end;
};

std::vector<QueryRange> split(const DocumentAttentionInput& in) {
  std::vector<QueryRange> tasks;
  for (const DocumentRows& document : in.documents) {
    for (int64_t h = 0; h < in.n_heads; ++h) {
      for (int64_t q = 0; q < document.count; q += kQueriesPerTask) {
        tasks.push_back({document, h, q, std::min(document.count, q + kQueriesPerTask)});
      }
    }
  }
  return tasks;
}

/// One block of queries, with what it knows of the keys so far.
class QueryBlock {
 public:
  QueryBlock(const DocumentAttentionArgs& args, const GemmKernel& gemm,
             const ScoreBlockKernels& kernels)
      : args_(args), gemm_(gemm), kernels_(kernels), result_(kQueryBlock * args.in.head_dim) {}

  void begin(int64_t rows) {
    rows_ = rows;
    std::fill_n(max_, rows, -std::numeric_limits<float>::infinity());
    std::fill_n(sum_, rows, 0.0f);
    std::fill_n(result_.begin(), rows * args_.in.head_dim, 0.0f);
  }

  /// Keys [first, ...) of the document against queries that begin at position `position`.
  void take(const float* q, int64_t position, const PackedBlock& keys, const PackedBlock& values,
            int64_t first) {
    const DocumentAttentionInput& in = args_.in;
    const int64_t columns = keys.lines();
    multiply_block(gemm_, {q, in.q_stride, 1}, rows_, keys, scores_, kKeyBlock, false);
    float shrink[kQueryBlock];
    kernels_.softmax({scores_, kKeyBlock, rows_, columns, position - first + 1, in.scale},
                     {max_, sum_, shrink});
    for (int64_t r = 0; r < rows_; ++r) {
      if (shrink[r] == 1.0f) continue;
      float* row = result_.data() + r * in.head_dim;
      for (int64_t i = 0; i < in.head_dim; ++i) row[i] *= shrink[r];
    }
    multiply_block(gemm_, {scores_, kKeyBlock, 1}, rows_, values, result_.data(), in.head_dim,
                   true);
  }

  void finish(int64_t row, int64_t head) const {
    const int64_t H = args_.in.n_heads, D = args_.in.head_dim;
    for (int64_t r = 0; r < rows_; ++r) {
      const int64_t at = (row + r) * H + head;
      for (int64_t i = 0; i < D; ++i) {
        args_.y[at * D + i] = result_[static_cast<std::size_t>(r * D + i)] / sum_[r];
      }
      if (args_.log_sums) args_.log_sums[at] = max_[r] + std::log(sum_[r]);
    }
  }

 private:
  const DocumentAttentionArgs& args_;
  const GemmKernel& gemm_;
  const ScoreBlockKernels& kernels_;
  int64_t rows_ = 0;
  alignas(64) float scores_[kQueryBlock * kKeyBlock];
  float max_[kQueryBlock], sum_[kQueryBlock];
  std::vector<float> result_;
};

/// The keys and values that a task sees, packed once.
struct PackedKeys {
  std::vector<PackedBlock> keys, values;

  PackedKeys(const DocumentAttentionInput& in, const GemmKernel& gemm, const QueryRange& task) {
    const int64_t g = task.head / (in.n_heads / in.n_kv_heads), D = in.head_dim;
    for (int64_t first = 0; first < task.end; first += kKeyBlock) {
      const int64_t n = std::min(kKeyBlock, task.end - first), row = task.document.first + first;
      keys.emplace_back().pack(
          gemm, {in.k + row * in.k_stride + g * D, DType::kF32, in.k_stride, 1}, n, D);
      values.emplace_back().pack(
          gemm, {in.v + row * in.v_stride + g * D, DType::kF32, 1, in.v_stride}, D, n);
    }
  }
};

}  // namespace

void document_attention(const DocumentAttentionArgs& args, const Executor& on) {
  const DocumentAttentionInput& in = args.in;
  const GemmKernel& gemm = gemm_kernel(DType::kF32, on.isa);
  const ScoreBlockKernels kernels = score_block_kernels(on.isa);
  const std::vector<QueryRange> tasks = split(in);
  on.threads.parallel_for(std::ssize(tasks), 1, [&](int64_t first, int64_t last) {
    QueryBlock block(args, gemm, kernels);
    for (int64_t t = first; t < last; ++t) {
      const QueryRange& task = tasks[static_cast<std::size_t>(t)];
      const PackedKeys packed(in, gemm, task);
      for (int64_t q = task.begin; q < task.end; q += kQueryBlock) {
        const int64_t rows = std::min(kQueryBlock, task.end - q), row = task.document.first + q;
        block.begin(rows);
        for (int64_t key = 0; key < q + rows; key += kKeyBlock) {
          const auto b = static_cast<std::size_t>(key / kKeyBlock);
          block.take(in.q + row * in.q_stride + task.head * in.head_dim, q, packed.keys[b],
                     packed.values[b], key);
        }
        block.finish(row, task.head);
      }
    }
  });
}

}  // namespace pangu::kernels
