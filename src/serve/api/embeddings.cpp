// SPDX-License-Identifier: Apache-2.0
#include "serve/api/embeddings.h"

#include <bit>
#include <boost/beast/core/detail/base64.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "serve/api/text_vectors.h"

namespace pangu::serve {
namespace {

/// Little-endian floats, as clients of OpenAI's read them.
std::string base64(std::span<const float> values) {
  static_assert(std::endian::native == std::endian::little);
  namespace codec = boost::beast::detail::base64;
  std::string out(codec::encoded_size(values.size_bytes()), '\0');
  out.resize(codec::encode(out.data(), values.data(), values.size_bytes()));
  return out;
}

bool read_is_base64(Fields& body) {
  const std::string format = body.text("encoding_format").value_or("float");
  if (format != "float" && format != "base64") body.reject("encoding_format", "float or base64");
  return format == "base64";
}

Pooling read_pooling(Fields& body) {
  const std::string pooling = body.text("pooling").value_or("mean");
  if (pooling != "mean" && pooling != "last") body.reject("pooling", "mean or last");
  return pooling == "mean" ? Pooling::kMean : Pooling::kLast;
}

OrderedJson openai_vectors(const TextVectors& texts, const std::string& model, bool is_base64) {
  OrderedJson data = OrderedJson::array();
  for (const std::vector<float>& vector : texts.vectors) {
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", is_base64 ? OrderedJson(base64(vector)) : OrderedJson(vector)}});
  }
  return {{"object", "list"},
          {"data", std::move(data)},
          {"model", model},
          {"usage", {{"prompt_tokens", texts.tokens}, {"total_tokens", texts.tokens}}}};
}

}  // namespace

void embeddings(ServedModel& model, Fields& body, const RequestLimits& limits,
                const ExchangePtr& exchange) {
  const bool is_base64 = read_is_base64(body);
  const Pooling pooling = read_pooling(body);
  body.ignore({"user"});
  std::vector<TextInput> texts = read_embedded_texts(model, body, "input", limits.max_inputs);
  embed_texts(model, std::move(texts), pooling, {.exchange = exchange, .ignored = body.unused()},
              [name = model.name(), is_base64](const TextVectors& vectors) {
                return openai_vectors(vectors, name, is_base64);
              });
}

}  // namespace pangu::serve
