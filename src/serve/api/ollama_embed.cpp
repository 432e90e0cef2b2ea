// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_embed.h"

#include <utility>

#include "serve/api/ollama_protocol.h"
#include "serve/api/text_vectors.h"

namespace pangu::serve {
namespace {

OrderedJson embed_json(const TextVectors& texts, const std::string& model) {
  return {{"model", model},
          {"embeddings", texts.vectors},
          {"total_duration", nanoseconds(texts.seconds)},
          {"load_duration", 0},
          {"prompt_eval_count", texts.tokens}};
}

OrderedJson embedding_json(const TextVectors& texts) {
  return {{"embedding", texts.vectors.empty() ? std::vector<float>() : texts.vectors.front()}};
}

using VectorForm = std::function<OrderedJson(const TextVectors&)>;

/// The texts under `key`. None at all ask whether the model is there.
void answer_vectors(ServedModel& model, Fields& body, std::string_view key, std::int64_t most,
                    const ExchangePtr& exchange, VectorForm form) {
  // Models stay, and texts that do not fit are refused: nothing is cut.
  body.ignore({"keep_alive", "truncate"});
  const OrderedJson* given = body.find(key);
  if (given == nullptr || is_empty_text(*given) || (given->is_array() && given->empty())) {
    return exchange->respond({.status = 200,
                              .content_type = "application/json",
                              .headers = {},
                              .body = json_text(form({}))});
  }
  std::vector<TextInput> texts = read_embedded_texts(model, body, key, most);
  embed_texts(model, std::move(texts), Pooling::kMean,
              {.exchange = exchange, .error_form = ollama_error, .ignored = body.unused()},
              std::move(form));
}

}  // namespace

void ollama_embed(ServedModel& model, Fields& body, const RequestLimits& limits,
                  const ExchangePtr& exchange) {
  answer_vectors(model, body, "input", limits.max_inputs, exchange,
                 [name = model.name()](const TextVectors& t) { return embed_json(t, name); });
}

void ollama_embeddings(ServedModel& model, Fields& body, const RequestLimits& /*limits*/,
                       const ExchangePtr& exchange) {
  answer_vectors(model, body, "prompt", 1, exchange, embedding_json);
}

}  // namespace pangu::serve
