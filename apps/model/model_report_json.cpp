// SPDX-License-Identifier: Apache-2.0
// The report of `pangu info --json`.
#include "apps/model/model_report.h"
#include "apps/shared/shape_text.h"
#include "base/resources.h"
#include "models/config/config_table.h"
#include "models/parameter_count.h"

namespace pangu::app {
namespace {

Json optional_id(std::optional<TokenId> id) {
  return id ? Json(*id) : Json();
}

Json config_json(const ModelConfig& c) {
  Json json = shape_json(c);
  json.update(
      {{"context", c.max_position_embeddings},
       {"sliding_window", c.sliding_window ? Json(*c.sliding_window) : Json()},
       {"rms_norm_eps", c.rms_norm_eps},
       {"rope", {{"theta", c.rope.theta}, {"type", name(c.rope.type)}, {"factor", c.rope.factor}}},
       {"bos_token_id", optional_id(c.bos_token_id)},
       {"eos_token_ids", c.eos_token_ids},
       {"pad_token_id", optional_id(c.pad_token_id)},
       {"tied_embeddings", c.tie_word_embeddings},
       {"dtype", c.dtype ? Json(name(*c.dtype)) : Json()},
       {"pruning_config", c.pruning_config}});
  return json;
}

Json parameters_json(const ParameterCount& n) {
  return {{"embedding", n.embedding}, {"head", n.head},
          {"attention", n.attention}, {"mlp", n.mlp},
          {"norms", n.norms},         {"total", n.total()}};
}

Json weights_json(const WeightsReport& w) {
  Json types = Json::object();
  for (const auto& [type, sums] : w.types) {
    types[type] = {
        {"tensors", sums.tensors}, {"parameters", sums.parameters}, {"bytes", sums.bytes}};
  }
  return {{"files", w.files},
          {"parameters", w.parameters},
          {"bytes", w.bytes},
          {"formats", types},
          {"bytes_by_part", w.bytes_by_part}};
}

Json tokenizer_json(const Tokenizer& t) {
  return {{"kind", t.kind()},
          {"size", t.vocab_size()},
          {"bos_id", optional_id(t.bos_id())},
          {"eos_id", optional_id(t.eos_id())},
          {"pad_id", optional_id(t.pad_id())},
          {"unk_id", optional_id(t.unk_id())}};
}

std::string_view thinking_name(ThinkingStyle style) {
  switch (style) {
    case ThinkingStyle::kTags:
      return "tags";
    case ThinkingStyle::kSwitch:
      return "switch";
    case ThinkingStyle::kNone:
      break;
  }
  return "none";
}

}  // namespace

Json report_json(const ModelReport& r) {
  Json json = {{"path", r.path.string()}, {"problems", r.problems}};
  if (r.config) {
    json["architecture"] = r.config->architecture;
    json["model_type"] = r.config->model_type;
    json["config"] = config_json(*r.config);
    json["parameters"] = parameters_json(parameter_count(*r.config));
    const std::int64_t kv = r.kv_bytes_per_token(KvFormat::kBF16);
    for (const KvFormat format : kv_formats()) {
      json["kv_cache_bytes_per_token"][std::string(name(format))] = r.kv_bytes_per_token(format);
    }
    json["memory"] = {{"weights_bytes", r.weight_bytes()},
                      {"context", r.default_context()},
                      {"kv_cache_bytes", kv * r.default_context()},
                      {"total_bytes", r.weight_bytes() + kv * r.default_context()}};
  }
  json["weights"] = r.weights ? weights_json(*r.weights) : Json();
  json["tokenizer"] = r.tokenizer ? tokenizer_json(*r.tokenizer) : Json();
  json["chat_template"] = {{"present", r.has_chat_template},
                           {"thinking", thinking_name(r.thinking)}};
  if (r.gguf) {
    json["gguf"] = {
        {"version", r.gguf->version}, {"tensors", r.gguf->tensors}, {"metadata", Json::object()}};
    for (const auto& [key, value] : r.gguf->keys) json["gguf"]["metadata"][key] = value;
  }
  return json;
}

Json machine_report_json(const CommonOptions& options) {
  Json isas = Json::array();
  for (const Isa isa : supported_isas()) isas.push_back(name(isa));
  Json nodes = Json::array();
  for (const MemoryNode& node : memory_nodes()) {
    nodes.push_back(
        {{"number", node.number}, {"cores", node.cores}, {"processors", node.processors}});
  }
  return {{"cpu", cpu_name()},
          {"threads", thread_count(options)},
          {"numa", options.numa},
          {"memory_nodes", nodes},
          {"isa", name(require_isa(options.isa))},
          {"isas", isas},
          {"memory_bytes", total_memory_bytes()}};
}

}  // namespace pangu::app
