// SPDX-License-Identifier: Apache-2.0
// Which formats the matrices of a new checkpoint get, and what a user should know of the choice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "models/config/config.h"
#include "models/schema.h"
#include "models/weights/weight_plan.h"

namespace pangu {

struct FormatChoice {
  WeightFormat asked;
  WeightFormat to;  ///< another one where rows do not divide into the blocks of `asked`
};

/// What a matrix gets, or nothing where it is to stay as it is stored.
std::optional<FormatChoice> choose_format(const WeightFormats& formats, const TensorSpec& matrix);

/// Whether one matrix that serves as embedding and as head has to become two.
bool needs_two_tables(const WeightFormats& formats, const ModelConfig& config);
inline constexpr std::string_view kTwoTablesNote =
    "Embedding and output head were one matrix; in different formats they are two.";

/// Counts matrices that did not get the format that was asked for.
class ReplacedFormats {
 public:
  void add(const FormatChoice& choice, std::int64_t k) {
    if (choice.to != choice.asked) ++count_[{choice.asked, choice.to, k}];
  }
  /// A sentence for each kind.
  std::vector<std::string> notes() const;

 private:
  std::map<std::tuple<WeightFormat, WeightFormat, std::int64_t>, int> count_;
};

}  // namespace pangu
