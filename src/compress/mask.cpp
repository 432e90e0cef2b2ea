// SPDX-License-Identifier: Apache-2.0
#include "compress/mask.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "compress/evidence.h"
#include "models/weights/stored_tensors.h"

namespace pangu::compress {
namespace {

std::vector<bool> marked(const Kept& kept, std::int64_t n) {
  std::vector<bool> out(static_cast<std::size_t>(n), false);
  for (const std::int32_t i : kept) out[static_cast<std::size_t>(i)] = true;
  return out;
}

void zero_outside(std::vector<float>& values, const TensorCut& cut, std::int64_t rows) {
  const std::int64_t columns = std::ssize(values) / rows;
  const std::vector<bool> row_stays = marked(cut.all_rows ? all_of(rows) : cut.rows, rows);
  const std::vector<bool> column_stays =
      marked(cut.all_columns ? all_of(columns) : cut.columns, columns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t r = i / static_cast<std::size_t>(columns);
    if (!row_stays[r] || !column_stays[i % static_cast<std::size_t>(columns)]) values[i] = 0;
  }
}

}  // namespace

void mask_instead(Cut& cut, const ModelConfig& config, WeightSource& source, TensorEdits& edits,
                  Context& ctx) {
  if (std::ssize(cut.channels) != config.hidden_size) {
    fail<ConfigError>(
        "[prune] channels cannot be masked: every norm looks at all of them. Leave --mask out.");
  }
  const TensorCuts cuts(config, cut);
  for (const TensorSpec& t : stored_tensors(config, source)) {
    // A layer without what its branches write leaves the residual stream as it was.
    const bool goes = !cuts.keeps(t);
    const TensorCut of = goes ? TensorCut{} : cuts.of(t);
    if (goes ? !ends_branch(t.role) : of.all_rows && of.all_columns) continue;
    auto found = edits.find(t.name);
    if (found == edits.end()) {
      found = edits
                  .emplace(t.name, t.is_matrix() ? read_matrix(source, t, ctx.threads())
                                                 : source.vector(t.name, t.rows))
                  .first;
    }
    if (goes) {
      std::ranges::fill(found->second, 0.0f);
    } else {
      zero_outside(found->second, of, t.rows);
    }
  }
  cut = Cut::nothing(config);
}

}  // namespace pangu::compress
