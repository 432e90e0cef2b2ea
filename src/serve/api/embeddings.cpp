// SPDX-License-Identifier: Apache-2.0
#include "serve/api/embeddings.h"

#include <fmt/format.h>

#include <bit>
#include <boost/beast/core/detail/base64.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/engine_parts.h"
#include "runtime/score/embedding.h"
#include "serve/api/text_inputs.h"
#include "serve/api_error.h"

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

/// A request on its way: one text after another, so that replies go on between them.
struct Embedding : std::enable_shared_from_this<Embedding> {
  Embedding(ServedModel& served, ExchangePtr to) : model(served), exchange(std::move(to)) {}

  void post() {
    model.post([self = shared_from_this()](Engine* engine) { self->next(engine); });
  }

  void next(Engine* engine) {
    if (exchange->gone().stop_requested()) return;
    try {
      if (engine == nullptr) throw unavailable("The server ends.");
      add(*engine);
      if (data.size() < texts.size()) return post();
      exchange->respond({.status = 200,
                         .content_type = "application/json",
                         .headers = {},
                         .body = json_text(json())});
    } catch (...) {
      exchange->respond(error_response(as_api_error(std::current_exception())));
    }
  }

  void add(Engine& engine) {
    const TextInput& text = texts[data.size()];
    const std::vector<float> vector = embed(
        EngineParts::model(engine), EngineParts::context(engine), text.ids,
        {.pooling = pooling, .kv = EngineParts::kv_format(engine), .positions = engine.context()});
    tokens += std::ssize(text.ids);
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", is_base64 ? Json(base64(vector)) : Json(vector)}});
  }

  Json json() const {
    return {{"object", "list"},
            {"data", data},
            {"model", model.name()},
            {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
  }

  ServedModel& model;
  ExchangePtr exchange;
  std::vector<TextInput> texts;
  Pooling pooling = Pooling::kMean;
  bool is_base64 = false;
  Json data = Json::array();
  std::int64_t tokens = 0;
};

}  // namespace

void embeddings(ServedModel& model, Fields& body, const RequestLimits& limits,
                const ExchangePtr& exchange) {
  const auto run = std::make_shared<Embedding>(model, exchange);
  run->is_base64 = read_is_base64(body);
  run->pooling = read_pooling(body);
  const std::int64_t width = model.model().config().hidden_size;
  if (body.has("dimensions") && body.integer("dimensions", 1, INT64_MAX) != width) {
    body.reject("dimensions", fmt::format("{}, what this model's vectors have", width));
  }
  body.ignore({"user"});
  run->texts = read_text_inputs(model, body, "input", limits.max_inputs);
  for (const TextInput& text : run->texts) {
    if (text.text.empty()) body.reject("input", "texts that are not empty");
  }
  run->post();
}

}  // namespace pangu::serve
