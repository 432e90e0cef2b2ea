// SPDX-License-Identifier: Apache-2.0
#include "serve/api/text_vectors.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/resources.h"
#include "runtime/engine_parts.h"

namespace pangu::serve {
namespace {

struct VectorRun {
  std::vector<TextInput> texts;
  Pooling pooling;
  std::function<OrderedJson(const TextVectors&)> form;
  Stopwatch watch = {};
  TextVectors out = {};

  std::optional<OrderedJson> step(Engine& engine) {
    const TextInput& text = texts[out.vectors.size()];
    out.vectors.push_back(embed(
        EngineParts::model(engine), EngineParts::context(engine), text.ids,
        {.pooling = pooling, .kv = EngineParts::kv_format(engine), .positions = engine.context()}));
    out.tokens += std::ssize(text.ids);
    if (out.vectors.size() < texts.size()) return std::nullopt;
    out.seconds = watch.seconds();
    return form(out);
  }
};

}  // namespace

std::vector<TextInput> read_embedded_texts(const ServedModel& model, Fields& body,
                                           std::string_view key, std::int64_t most) {
  const std::int64_t width = model.model().config().hidden_size;
  if (body.has("dimensions") && body.integer("dimensions", 1, INT64_MAX) != width) {
    body.reject("dimensions", fmt::format("{}, what this model's vectors have", width));
  }
  std::vector<TextInput> out = read_text_inputs(model, body, key, most);
  for (const TextInput& text : out) {
    if (text.text.empty()) body.reject(key, "texts that are not empty");
  }
  return out;
}

void embed_texts(ServedModel& model, std::vector<TextInput> texts, Pooling pooling,
                 StepContext context, std::function<OrderedJson(const TextVectors&)> form) {
  const auto run = std::make_shared<VectorRun>(
      VectorRun{.texts = std::move(texts), .pooling = pooling, .form = std::move(form)});
  run_steps(model, std::move(context), [run](Engine& engine) { return run->step(engine); });
}

}  // namespace pangu::serve
