// SPDX-License-Identifier: Apache-2.0
// Memory for rows in stored form: what a quantizer fills and a file or a packer takes.
#pragma once

#include <cstddef>
#include <vector>

#include "quant/weight_format.h"

namespace pangu {

class EncodedRows {
 public:
  EncodedRows(WeightFormat format, int64_t rows, int64_t k);

  WeightFormat format() const { return format_; }
  StoredRow row(int64_t i) const;
  StoredRowOut out(int64_t i);
  /// Bytes of a part of all rows, in the order of FormatInfo::stored_parts().
  std::span<const std::byte> part(std::size_t p) const { return parts_[p].bytes; }

  /// Row i from a stored row of any format. Throws InputError if a weight is infinite or NaN and
  /// this format has no code for it.
  void encode(int64_t i, const StoredRow& from);
  /// Row i from k numbers; throws as above.
  void encode(int64_t i, const float* w);

 private:
  struct Part {
    std::size_t row_bytes = 0;
    std::vector<std::byte> bytes;
  };
  std::byte* at(std::size_t part, int64_t row);

  WeightFormat format_;
  int64_t k_;
  std::array<Part, 3> parts_;
  std::vector<float> scratch_;
};

/// Whether rows of `from` are rows of `to` as they lie: the same format, or the same stored form.
bool same_stored_form(WeightFormat from, WeightFormat to);

}  // namespace pangu
