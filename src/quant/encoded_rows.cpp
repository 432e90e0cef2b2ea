// SPDX-License-Identifier: Apache-2.0
#include "quant/encoded_rows.h"

#include "base/error.h"
#include "quant/float_rows.h"
#include "tensor/dtype.h"

namespace pangu {

bool same_stored_form(WeightFormat from, WeightFormat to) {
  const auto form_of = [](WeightFormat f) { return format_info(f).stored_as.value_or(f); };
  return form_of(from) == form_of(to);
}

EncodedRows::EncodedRows(WeightFormat format, int64_t rows, int64_t k) : format_(format), k_(k) {
  const auto parts = format_info(format).stored_parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    parts_[p].row_bytes =
        static_cast<std::size_t>(parts[p].columns(k)) * size_bytes(parts[p].dtype);
    parts_[p].bytes.resize(parts_[p].row_bytes * static_cast<std::size_t>(rows));
  }
}

std::byte* EncodedRows::at(std::size_t part, int64_t row) {
  Part& p = parts_[part];
  return p.bytes.empty() ? nullptr : p.bytes.data() + static_cast<std::size_t>(row) * p.row_bytes;
}

StoredRowOut EncodedRows::out(int64_t i) {
  return {at(0, i), at(1, i), at(2, i)};
}

StoredRow EncodedRows::row(int64_t i) const {
  const auto at = [&](const Part& p) {
    return p.bytes.empty() ? nullptr : p.bytes.data() + static_cast<std::size_t>(i) * p.row_bytes;
  };
  return {format_, at(parts_[0]), at(parts_[1]), at(parts_[2])};
}

void EncodedRows::encode(int64_t i, const StoredRow& from) {
  scratch_.resize(static_cast<std::size_t>(k_));
  format_info(from.format).decode(from, k_, scratch_.data());
  encode(i, scratch_.data());
}

void EncodedRows::encode(int64_t i, const float* w) {
  const FormatInfo& format = format_info(format_);
  if (!format.is_float && !all_finite(w, k_)) {
    fail<InputError>(
        "[quantize] a row has weights that are infinite or not a number, and {} has no code for "
        "them. The checkpoint is damaged or its training diverged.",
        format.name);
  }
  format.encode(w, k_, out(i));
}

}  // namespace pangu
