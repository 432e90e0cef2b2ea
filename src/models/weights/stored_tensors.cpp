// SPDX-License-Identifier: Apache-2.0
#include "models/weights/stored_tensors.h"

#include <set>
#include <string>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {

void refuse_unknown_tensors(const ModelConfig& config, const WeightSource& source,
                            const std::vector<TensorSpec>& known) {
  constexpr int kMostNamed = 3;
  std::set<std::string_view> names;
  for (const TensorSpec& t : known) names.insert(t.name);
  // A head that is the embedding may be stored once more; nobody reads it.
  const std::string head = tensor_of(config, TensorRole::kHead).name;
  if (config.tie_word_embeddings) names.insert(head);
  std::string unknown;
  int count = 0;
  for (const std::string& name : source.names()) {
    if (names.contains(name) || is_derived_tensor(name)) continue;
    if (++count <= kMostNamed) unknown += (count > 1 ? ", " : "") + clipped(name);
  }
  if (count == 0) return;
  fail<Unsupported>(
      "[load] {}: the checkpoint has {} tensor{} that {} has no place for: {}{}. Does config.json "
      "name "
      "the right architecture and number of layers?",
      source.place(), count, count == 1 ? "" : "s", config.architecture, unknown,
      count > kMostNamed ? ", ..." : "");
}

std::vector<TensorSpec> stored_tensors(const ModelConfig& config, const WeightSource& source) {
  std::vector<TensorSpec> tensors = model_tensors(config);
  std::erase_if(tensors, [&](const TensorSpec& t) { return t.is_bias && !source.has(t.name); });
  refuse_unknown_tensors(config, source, tensors);
  return tensors;
}

}  // namespace pangu
