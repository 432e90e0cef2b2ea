// SPDX-License-Identifier: Apache-2.0
// Which format each weight matrix of a decoder gets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/schema.h"
#include "quant/weight_format.h"

namespace pangu {

/// Formats that a user asked for. What is left open keeps the form it is stored in, or, where the
/// layers' format is given, follows from that: see plan_format().
struct WeightFormats {
  std::optional<WeightFormat> layers;     ///< every projection of every layer
  std::optional<WeightFormat> head;       ///< the output head
  std::optional<WeightFormat> embedding;  ///< the table of token embeddings

  /// From names; an empty name leaves that part open. Throws ConfigError for unknown names.
  static WeightFormats parse(std::string_view layers, std::string_view head,
                             std::string_view embedding);
  bool operator==(const WeightFormats&) const = default;
};

/// Where a matrix sits.
enum class WeightPart { kLayer, kHead, kEmbedding };
WeightPart weight_part(TensorRole role);

/// The format that is asked for one matrix with rows of `k` weights, or nothing if it is to stay as
/// it is stored. Head and embedding, where only the layers' format is given, follow it if that has
/// at least 8 bits; beside w8a8, w4a16 and w4a8 they get w8a16, beside the 4-bit GGUF types q6_k,
/// as llama.cpp mixes them. Where rows do not divide into a format's blocks, the next one that fits
/// is taken: q8_0, then f16.
std::optional<WeightFormat> plan_format(const WeightFormats& formats, WeightPart part, int64_t k);

/// `format`, or where k does not divide into its blocks, q8_0 or f16.
WeightFormat fitting_format(WeightFormat format, int64_t k);

}  // namespace pangu
