// SPDX-License-Identifier: Apache-2.0
#include "tensor/shape.h"

#include "base/error.h"

namespace pangu {

Shape::Shape(std::initializer_list<int64_t> dims) {
  if (dims.size() > kMaxRank) {
    fail<ShapeError>("[shape] {} sizes were given; a tensor has at most {}.", dims.size(),
                     kMaxRank);
  }
  for (const int64_t d : dims) {
    if (d < 0) fail<ShapeError>("[shape] size {} of axis {} is negative.", d, rank_);
    dims_[static_cast<std::size_t>(rank_++)] = d;
  }
}

int64_t Shape::count() const {
  int64_t n = 1;
  for (int i = 0; i < rank_; ++i) n *= dims_[static_cast<std::size_t>(i)];
  return n;
}

std::string to_string(const Shape& shape) {
  std::string out = "[";
  for (int i = 0; i < shape.rank(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + "]";
}

}  // namespace pangu
