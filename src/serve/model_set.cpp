// SPDX-License-Identifier: Apache-2.0
#include "serve/model_set.h"

#include <algorithm>

#include "base/clipped.h"
#include "base/error.h"
#include "base/last_name.h"
#include "serve/api_error.h"

namespace pangu::serve {

ModelSource parse_model_source(const std::string& text) {
  const auto equals = text.find('=');
  ModelSource out;
  out.path = equals == std::string::npos ? text : text.substr(equals + 1);
  out.name = equals == std::string::npos ? last_name(out.path) : text.substr(0, equals);
  const bool is_name = std::ranges::all_of(out.name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./").find(c) != std::string_view::npos;
  });
  if (out.name.empty() || !is_name || out.path.empty()) {
    fail<ConfigError>(
        "[serve] {} is no model to serve: NAME=PATH was expected, with letters, "
        "digits and -_./ in the name.",
        clipped(text));
  }
  return out;
}

ModelSet::ModelSet(const std::vector<ModelSource>& sources, const ServedModelOptions& options) {
  for (const ModelSource& source : sources) {
    for (const auto& other : models_) {
      if (other->name() == source.name) {
        fail<ConfigError>(
            "[serve] two models are to be called {}. Give one another name: "
            "NAME={}",
            source.name, source.path.string());
      }
    }
    models_.push_back(std::make_unique<ServedModel>(source.name, source.path, options, turn_));
  }
}

void ModelSet::wait_until_loaded() {
  for (const auto& model : models_) model->wait_until_loaded();
}

bool ModelSet::is_ready() const {
  return std::ranges::all_of(
      models_, [](const auto& m) { return m->state() == ServedModel::State::kReady; });
}

ServedModel& ModelSet::find(const std::string& asked) const {
  constexpr std::string_view kLatest = ":latest";
  std::string_view name = asked;
  if (name.ends_with(kLatest)) name.remove_suffix(kLatest.size());
  const auto at = name.empty()
                      ? models_.begin()
                      : std::ranges::find(models_, name, [](const auto& m) { return m->name(); });
  if (at == models_.end()) {
    std::string names;
    for (const auto& model : models_) names += (names.empty() ? "" : ", ") + model->name();
    ApiError error = not_found(
        fmt::format("There is no model {} here. This server has: {}.", clipped(name), names));
    error.param = "model";
    error.code = "model_not_found";
    throw error;
  }
  switch ((*at)->state()) {
    case ServedModel::State::kReady:
      return **at;
    case ServedModel::State::kLoading:
      throw unavailable("Loading model");
    case ServedModel::State::kFailed:
      break;
  }
  throw unavailable(fmt::format("The model {} could not be loaded.", (*at)->name()));
}

}  // namespace pangu::serve
