// SPDX-License-Identifier: Apache-2.0
#include "models/weights/output_head.h"

#include <cstring>

#include "base/log.h"
#include "models/schema.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

bool same_row(const StoredRow& a, const StoredRow& b, int64_t k) {
  const std::byte* const parts_of_a[] = {a.data, a.scales, a.zeros};
  const std::byte* const parts_of_b[] = {b.data, b.scales, b.zeros};
  const auto parts = format_info(a.format).stored_parts();
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const std::size_t bytes =
        static_cast<std::size_t>(parts[p].columns(k)) * size_bytes(parts[p].dtype);
    if (std::memcmp(parts_of_a[p], parts_of_b[p], bytes) != 0) return false;
  }
  return true;
}

/// Whether two matrices of one shape are stored as the same bytes.
bool same_matrix(const StoredMatrix& a, const StoredMatrix& b) {
  if (a.format != b.format) return false;
  for (int64_t r = 0; r < a.rows; ++r) {
    if (!same_row(a.row(r), b.row(r), a.k)) return false;
  }
  return true;
}

std::string unstored_remark(const std::string& head) {
  return fmt::format(
      "config.json does not say that the output head is the embedding (tie_word_embeddings), but "
      "there is no {}: the embedding serves as head.",
      head);
}

std::string stored_remark(const std::string& head) {
  return fmt::format(
      "config.json says that the output head is the embedding (tie_word_embeddings), but {} is "
      "stored and differs from it: the stored head is used.",
      head);
}

}  // namespace

OutputHead find_output_head(const ModelConfig& config, WeightSource& source) {
  const TensorSpec embedding = tensor_of(config, TensorRole::kEmbedding);
  const TensorSpec head = tensor_of(config, TensorRole::kHead);
  if (!source.has(head.name)) {
    return {.is_embedding = true,
            .remark = config.tie_word_embeddings ? "" : unstored_remark(head.name)};
  }
  if (!config.tie_word_embeddings) return {};
  const auto matrix = [&](const TensorSpec& t) { return source.matrix(t.name, t.rows, t.k); };
  if (same_matrix(matrix(embedding), matrix(head))) {
    source.release(head.name);  // nobody will read it
    return {.is_embedding = true, .is_repeated = true};
  }
  return {.remark = stored_remark(head.name)};
}

ModelConfig with_actual_head(const ModelConfig& config, WeightSource& source) {
  const OutputHead head = find_output_head(config, source);
  if (!head.remark.empty()) log::warning("{}", head.remark);
  ModelConfig actual = config;
  actual.tie_word_embeddings = head.is_embedding;
  return actual;
}

}  // namespace pangu
