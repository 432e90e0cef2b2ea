// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/encode_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "quant/float_rows.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

/// Weights in work at a time: enough to keep every thread busy, little beside any model.
constexpr int64_t kSlabWeights = int64_t{4} << 20;
constexpr int64_t kRowsPerTask = 8;

struct RowError {
  double difference2 = 0, norm2 = 0;
};

void copy_parts(const StoredRow& from, int64_t k, const StoredRowOut& out) {
  const std::byte* const source[] = {from.data, from.scales, from.zeros};
  std::byte* const target[] = {out.data, out.scales, out.zeros};
  const auto parts = format_info(from.format).stored_parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    std::memcpy(target[p], source[p],
                static_cast<std::size_t>(parts[p].columns(k)) * size_bytes(parts[p].dtype));
  }
}

[[noreturn]] void refuse(std::string_view name, int64_t row, std::string_view what) {
  fail<InputError>("[quantize] {}: row {} {}", name, row, what);
}

class SlabEncoder {
 public:
  SlabEncoder(const StoredMatrix& from, std::string_view name, WeightFormat to)
      : from_(from), name_(name), to_(to) {}

  /// Rows [first, first + errors.size()) into `out`.
  void encode(int64_t first, EncodedRows& out, std::span<RowError> errors, ThreadPool& threads) {
    threads.parallel_for(std::ssize(errors), kRowsPerTask, [&](int64_t begin, int64_t end) {
      std::vector<float> before(static_cast<std::size_t>(from_.k)), after(before.size());
      for (int64_t i = begin; i < end; ++i) {
        errors[static_cast<std::size_t>(i)] = encode_row(first + i, i, out, before, after);
      }
    });
  }

 private:
  RowError encode_row(int64_t row, int64_t slot, EncodedRows& out, std::span<float> before,
                      std::span<float> after) const {
    const StoredRow stored = from_.row(row);
    decode_row(stored, from_.k, before.data());
    if (!all_finite(before.data(), from_.k)) {
      refuse(name_, row,
             "has weights that are infinite or not a number. The checkpoint is damaged or its "
             "training diverged.");
    }
    if (same_stored_form(stored.format, to_)) {
      copy_parts(stored, from_.k, out.out(slot));
    } else {
      out.encode(slot, before.data());
    }
    decode_row(out.row(slot), from_.k, after.data());
    if (!all_finite(after.data(), from_.k)) {
      refuse(name_, row,
             fmt::format("has weights that are too large for {}. Choose another format, such as "
                         "w8a16 or bf16.",
                         pangu::name(to_)));
    }
    RowError error;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double w = before[i], d = after[i] - w;
      error.difference2 += d * d;
      error.norm2 += w * w;
    }
    return error;
  }

  const StoredMatrix& from_;
  std::string_view name_;
  WeightFormat to_;
};

double ratio(double difference2, double norm2) {
  return norm2 > 0 ? std::sqrt(difference2 / norm2) : 0;
}

}  // namespace

double QuantizationError::relative() const {
  return ratio(difference2, norm2);
}

QuantizationError round_to_nearest(const StoredMatrix& from, std::string_view name, WeightFormat to,
                                   ThreadPool& threads, const RowSink& sink) {
  SlabEncoder encoder(from, name, to);
  const int64_t slab = std::clamp<int64_t>(kSlabWeights / from.k, 1, from.rows);
  QuantizationError total;
  for (int64_t first = 0; first < from.rows; first += slab) {
    const int64_t n = std::min(slab, from.rows - first);
    EncodedRows rows(to, n, from.k);
    std::vector<RowError> errors(static_cast<std::size_t>(n));
    encoder.encode(first, rows, errors, threads);
    for (int64_t i = 0; i < n; ++i) {
      const RowError& e = errors[static_cast<std::size_t>(i)];
      total.difference2 += e.difference2;
      total.norm2 += e.norm2;
      if (ratio(e.difference2, e.norm2) > total.worst_row_error) {
        total.worst_row = first + i;
        total.worst_row_error = ratio(e.difference2, e.norm2);
      }
    }
    sink(rows, n);
  }
  return total;
}

}  // namespace pangu
