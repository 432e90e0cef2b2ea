// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_models.h"

#include <fmt/format.h>

#include <system_error>

#include "base/hash.h"
#include "models/parameter_count.h"
#include "report/units.h"
#include "serve/api/ollama_protocol.h"
#include "serve/models/model_memory.h"

namespace pangu::serve {
namespace {

/// Models stay until others need the room: no client is to wait for them to go.
constexpr std::string_view kNeverExpires = "9999-12-31T23:59:59Z";

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return out;
}

/// The format of the first product, which most others share.
std::string format_name(const LanguageModel& network) {
  for (const WeightUse& use : network.weights()) {
    if (use.product != nullptr) return upper(name(use.product->parts.front().format()));
  }
  return "";
}

std::string_view file_format(const std::filesystem::path& path) {
  return path.extension() == ".gguf" ? "gguf" : "safetensors";
}

Json details_json(const ServedModel& served) {
  const Model& model = served.model();
  const ModelConfig& config = model.config();
  return {{"parent_model", ""},
          {"format", file_format(served.path())},
          {"family", config.model_type},
          {"families", Json::array({config.model_type})},
          {"parameter_size", count_text(static_cast<double>(parameter_count(config).total()))},
          {"quantization_level", format_name(*model.network)}};
}

std::chrono::system_clock::time_point changed_at(const std::filesystem::path& path) {
  std::error_code error;
  const auto time = std::filesystem::last_write_time(path, error);
  if (error) return std::chrono::system_clock::now();
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::file_clock::to_sys(time).time_since_epoch()));
}

/// What Ollama calls a digest tells models apart; this one does so by where and when they are.
std::string digest(const ModelEntry& model) {
  ContentHash hash;
  hash.add(model.path.string());
  hash.add(static_cast<std::uint64_t>(changed_at(model.path).time_since_epoch().count()));
  return fmt::format("{:016x}", hash.value());
}

/// Of a model that is not loaded, what is on disk: its files are not read for this.
std::int64_t size_of(const ModelEntry& model) {
  if (model.served) return weight_bytes(*model.served->model().network);
  std::uintmax_t bytes = 0;
  for (const auto& [path, mark] : file_stamp(model.path)) bytes += mark.bytes;
  return static_cast<std::int64_t>(bytes);
}

Json entry_json(const ModelEntry& model) {
  return {{"name", model.name},
          {"model", model.name},
          {"modified_at", rfc3339(changed_at(model.path))},
          {"size", size_of(model)},
          {"digest", digest(model)},
          {"details", model.served ? details_json(*model.served)
                                   : Json{{"parent_model", ""},
                                          {"format", file_format(model.path)},
                                          {"family", ""},
                                          {"families", nullptr},
                                          {"parameter_size", ""},
                                          {"quantization_level", ""}}}};
}

/// As a Modelfile has them: a name and a value a line.
std::string parameters_text(const SamplingOptions& sampling) {
  return fmt::format("temperature {}\ntop_k {}\ntop_p {}\nmin_p {}\nrepeat_penalty {}\n",
                     sampling.temperature, sampling.top_k, sampling.top_p, sampling.min_p,
                     sampling.repetition_penalty);
}

Json model_info_json(const ServedModel& model) {
  const ModelConfig& config = model.model().config();
  const std::string& type = config.model_type;
  return {{"general.architecture", type},
          {"general.parameter_count", parameter_count(config).total()},
          {type + ".context_length", model.engine().context()},
          {type + ".embedding_length", config.hidden_size},
          {type + ".block_count", config.n_layers},
          {type + ".attention.head_count", config.n_heads},
          {type + ".attention.head_count_kv", config.n_kv_heads},
          {type + ".vocab_size", config.vocab_size}};
}

}  // namespace

Json ollama_tags_json(const ModelSet& models) {
  Json out = {{"models", Json::array()}};
  for (const ModelEntry& entry : models.entries()) out["models"].push_back(entry_json(entry));
  return out;
}

Json ollama_ps_json(const ModelSet& models) {
  Json out = {{"models", Json::array()}};
  for (const ModelEntry& model : models.entries()) {
    if (!model.served) continue;
    Json entry = entry_json(model);
    entry.erase("modified_at");
    entry["expires_at"] = kNeverExpires;
    entry["size_vram"] = 0;
    entry["context_length"] = model.served->engine().context();
    out["models"].push_back(std::move(entry));
  }
  return out;
}

Json ollama_show_json(const ServedModel& model) {
  Json capabilities = Json::array({"completion"});
  if (model.engine().can_think()) capabilities.push_back("thinking");
  if (model.engine().can_call_tools()) capabilities.push_back("tools");
  return {{"modelfile", ""},
          {"parameters", parameters_text(model.engine().default_sampling())},
          {"template", model.engine().tokenizer()->chat_template()},
          {"details", details_json(model)},
          {"model_info", model_info_json(model)},
          {"capabilities", std::move(capabilities)},
          {"modified_at", rfc3339(changed_at(model.path()))}};
}

}  // namespace pangu::serve
