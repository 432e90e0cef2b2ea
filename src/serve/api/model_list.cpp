// SPDX-License-Identifier: Apache-2.0
#include "serve/api/model_list.h"

#include <utility>

#include "serve/api/openai_parts.h"

namespace pangu::serve {
namespace {

Json model_json(const ModelEntry& entry) {
  Json out = {{"id", entry.name},
              {"object", "model"},
              {"created", start_time()},
              {"owned_by", "pangu"},
              {"status", name(entry.state)}};
  if (!entry.failure.empty()) out["error"] = entry.failure;
  if (!entry.served) return out;
  const Engine& engine = entry.served->engine();
  const ModelConfig& config = entry.served->model().config();
  out["max_model_len"] = engine.context();  // vLLM's name
  out["meta"] = {{"n_ctx", engine.context()},
                 {"n_ctx_train", engine.trained_context()},
                 {"n_vocab", config.vocab_size},
                 {"n_embd", config.hidden_size}};
  return out;
}

/// What stands for all models of a bundle.
Json auto_json(const ModelSet& models, const std::string& name, const ServedBundle& bundle) {
  Json out = model_json(models.entry(name));
  out["id"] = name + std::string(kAutoSuffix);
  out["status"] = "ready";
  out["routes"] = Json::array();
  for (const auto& [way, model] : bundle.models) out["routes"].push_back(model);
  return out;
}

/// What a request that says nothing gets, under llama.cpp's names.
Json default_settings_json(const Engine& engine) {
  const SamplingOptions s = engine.default_sampling();
  return {{"n_ctx", engine.context()},
          {"params",
           {{"temperature", s.temperature},
            {"top_k", s.top_k},
            {"top_p", s.top_p},
            {"min_p", s.min_p},
            {"repeat_penalty", s.repetition_penalty},
            {"presence_penalty", s.presence_penalty},
            {"frequency_penalty", s.frequency_penalty}}}};
}

}  // namespace

Json models_json(const ModelSet& models) {
  Json out = {{"object", "list"}, {"data", Json::array()}};
  for (const ModelEntry& entry : models.entries()) out["data"].push_back(model_json(entry));
  for (const auto& [name, bundle] : models.bundles()) {
    out["data"].push_back(auto_json(models, name, bundle));
  }
  return out;
}

Json named_model_json(const ModelSet& models, const std::string& name) {
  for (const auto& [bundle, ways] : models.bundles()) {
    if (name == bundle + std::string(kAutoSuffix)) return auto_json(models, bundle, ways);
  }
  return model_json(models.entry(name));
}

Json props_json(const ModelSet& models, const std::string& version, const Json& profile) {
  Json out = {{"build_info", "pangu " + version},
              {"total_slots", models.options().batch.max_replies},
              {"models", Json::array()},
              {"pending", Json::array()}};
  if (!profile.is_null()) out["profile"] = profile;
  const ServedModelOptions& options = models.options();
  for (const ModelEntry& entry : models.entries()) {
    Json one = model_json(entry);
    const ModelStatus& status = entry.status;
    one["bytes"] = entry.bytes;
    if (entry.served) {
      one["files"] = files_since(entry.path, entry.served->stamp());
      if (!out.contains("default_generation_settings")) {
        out["default_generation_settings"] = default_settings_json(entry.served->engine());
      }
    }
    one["total_slots"] = options.batch.max_replies;
    one["running"] = status.running;
    one["waiting"] = status.waiting;
    one["pending"] = entry.pending;
    one["replies"] = status.replies;
    one["written_tokens"] = status.written;
    one["cached_prompt_tokens"] = status.batch.shared_tokens;
    one["speculation"] = {{"mode", name(options.engine.speculation.mode)},
                          {"drafted", status.speculation.drafted},
                          {"accepted", status.speculation.accepted}};
    out["models"].push_back(std::move(one));
  }
  for (const PendingRequest& request : models.pending()) {
    out["pending"].push_back({{"id", request.id},
                              {"model", request.model},
                              {"position", out["pending"].size() + 1},
                              {"seconds", request.seconds}});
  }
  return out;
}

}  // namespace pangu::serve
