// SPDX-License-Identifier: Apache-2.0
// Sizes of a tensor, outermost first, at most four of them.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace pangu {

/// Row-major sizes [d0, d1, ...]; the last one varies fastest. Rank 0 is a scalar.
class Shape {
 public:
  static constexpr int kMaxRank = 4;

  Shape() = default;
  /// Throws ShapeError for more than four sizes or a negative one.
  Shape(std::initializer_list<int64_t> dims);

  int rank() const { return rank_; }
  /// Size of axis `i`; negative counts from the end.
  int64_t operator[](int i) const { return dims_[static_cast<std::size_t>(i < 0 ? i + rank_ : i)]; }
  int64_t count() const;
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<int64_t, kMaxRank> dims_{};
  int rank_ = 0;
};

/// "[7, 4096]", as messages show it.
std::string to_string(const Shape& shape);

}  // namespace pangu

template <>
struct fmt::formatter<pangu::Shape> : fmt::formatter<std::string> {
  auto format(const pangu::Shape& shape, fmt::format_context& ctx) const {
    return fmt::formatter<std::string>::format(pangu::to_string(shape), ctx);
  }
};
