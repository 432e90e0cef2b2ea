// SPDX-License-Identifier: Apache-2.0
// Texts as vectors, in whatever form the answer has them.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "runtime/score/embedding.h"
#include "serve/api/fields.h"
#include "serve/api/model_steps.h"
#include "serve/api/text_inputs.h"

namespace pangu::serve {

/// The texts of a request, each of which has tokens and text. Throws ApiError, for a `dimensions`
/// of the body that the model's vectors do not have, too.
std::vector<TextInput> read_embedded_texts(const ServedModel& model, Fields& body,
                                           std::string_view key, std::int64_t most);

/// Vectors of length 1, in the order of the texts, and how many tokens these had.
struct TextVectors {
  std::vector<std::vector<float>> vectors;
  std::int64_t tokens = 0;
  double seconds = 0;  ///< since the request
};

/// Computes them on the model's thread, one text between two passes over replies, and answers with
/// what `form` makes of them. Throws ApiError where the model takes no more.
void embed_texts(ServedModel& model, std::vector<TextInput> texts, Pooling pooling,
                 StepContext context, std::function<OrderedJson(const TextVectors&)> form);

}  // namespace pangu::serve
