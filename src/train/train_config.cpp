// SPDX-License-Identifier: Apache-2.0
#include "train/train_config.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"
#include "io/locate_model.h"
#include "models/config/config_shapes.h"
#include "train/config_keys.h"
#include "train/config_ranges.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// One of some words. Throws ConfigError listing them.
template <class T>
T choice(const JsonObject& json, std::string_view key,
         std::initializer_list<std::pair<std::string_view, T>> choices) {
  const std::string found =
      json.find(key) && json.find(key)->is_string() ? json.get_string(key) : "";
  std::string expected;
  for (const auto& [word, value] : choices) {
    if (found == word) return value;
    expected += fmt::format("{}\"{}\"", expected.empty() ? "" : " or ", word);
  }
  json.reject(key, expected);
}

double number_of(const JsonObject& json, std::string_view key, NumberRange range) {
  return json.get_number(key, range.min, range.max);
}

DType float_type(const JsonObject& json, std::string_view key) {
  return choice<DType>(json, key, {{"bf16", DType::kBF16}, {"f32", DType::kF32}});
}

ModelConfig inline_model(const JsonObject& json) {
  const Json* value = json.find("config");
  if (value->is_string()) return read_model_config(locate_model(value->get<std::string>()));
  if (!value->is_object()) json.reject("config", "an object, or the path of a config.json,");
  return parse_model_config(*value, json.file() + ", model.config");
}

ModelConfig shaped_model(const JsonObject& json) {
  const std::string& name = json.get_string("shape");
  if (auto config = named_shape(name)) return *std::move(config);
  json.reject("shape", fmt::format("one of {}", fmt::join(shape_names(), ", ")));
}

void read_initializer(const JsonObject& json, TrainConfig& out) {
  // What the architecture was published with.
  out.initializer = out.model.sandwich_norm ? Initializer::kTiny : Initializer::kGpt2;
  if (json.contains("initializer")) {
    out.initializer = choice<Initializer>(
        json, "initializer", {{"gpt2", Initializer::kGpt2}, {"tiny", Initializer::kTiny}});
  }
  out.initializer_range = json.get_number("initializer_range", 0, 10);
  if (out.initializer == Initializer::kTiny && out.initializer_range != 0.02) {
    json.reject("initializer_range",
                "no other than 0.02, as initializer \"tiny\" follows from the "
                "model's size,");
  }
}

void read_model(const JsonObject& json, TrainConfig& out) {
  const int given =
      int{json.contains("from")} + int{json.contains("config")} + int{json.contains("shape")};
  if (given != 1) {
    json.reject_together(
        {"from", "config", "shape"},
        fmt::format("{} of model.from, model.config and model.shape. Exactly one was expected: "
                    "the checkpoint to train on, or what a new model looks like.",
                    given == 0 ? "there is none" : "there are several"));
  }
  if (json.contains("from")) {
    out.from = locate_model(json.get_string("from"));
    out.model = read_model_config(*out.from);
  } else {
    out.model = json.contains("config") ? inline_model(json) : shaped_model(json);
  }
  if (out.model.quantization) {
    fail<Unsupported>(
        "[config] {} is quantized; only float weights can be trained. Use the original model.",
        out.from ? out.from->string() : json.file());
  }
  read_initializer(json, out);
  out.keep_zeros = json.get_bool("keep_zeros");
}

std::vector<DataSource> read_sources(const JsonObject& json, const char* key) {
  constexpr const char* kExpected = "a list of {\"path\": ..., \"weight\": ...}";
  const Json* list = json.find(key);
  if (!list || !list->is_array()) json.reject(key, kExpected);
  std::vector<DataSource> sources;
  for (const Json& value : *list) {
    const std::string place = fmt::format("{}, data.{}[{}]", json.file(), key, sources.size());
    if (value.is_string()) {
      sources.push_back({.path = value.get<std::string>()});
      continue;
    }
    const JsonObject source(place, value);
    for (const auto& [name, ignored] : value.items()) {
      if (name == "path" || name == "weight") continue;
      fail<ConfigError>("[config] {}: there is no key '{}'. A source has 'path' and 'weight'.",
                        place, clipped(name));
    }
    sources.push_back({.path = source.get_string("path"),
                       .weight = source.get_number_or("weight", 1, 1e-6, 1e6)});
  }
  return sources;
}

void read_data(const JsonObject& json, TrainConfig& out) {
  out.train = read_sources(json, "train");
  out.validation = read_sources(json, "validation");
  if (out.train.empty()) json.reject("train", "a list of at least one source");
  out.loss_on =
      choice<LossOn>(json, "loss_on", {{"assistant", LossOn::kAssistant}, {"all", LossOn::kAll}});
  out.packing.length = json.get_int("sequence_length", 1, kMostRowTokens);
  out.packing.too_long = choice<TooLong>(
      json, "too_long",
      {{"split", TooLong::kSplit}, {"truncate", TooLong::kTruncate}, {"skip", TooLong::kSkip}});
  if (json.contains("document_separator")) {
    out.document_separator = json.get_string("document_separator");
    // Checkpoints keep it, in JSON.
    utf8::require_valid(*out.document_separator, "data.document_separator");
  }
  out.append_eos = json.get_bool("append_eos");
  if (out.packing.length > out.model.max_position_embeddings) {
    json.reject_together({"sequence_length"},
                         fmt::format("data.sequence_length is {}, but the model has {} positions "
                                     "(max_position_embeddings). Choose shorter rows.",
                                     out.packing.length, out.model.max_position_embeddings));
  }
}

void read_optimizer(const JsonObject& json, TrainConfig& out) {
  out.schedule.peak = number_of(json, "learning_rate", kLearningRates);
  if (out.schedule.peak == 0) {
    json.reject("learning_rate", "a number above 0 (with 0 a run would change nothing)");
  }
  using Kind = OptimizerOptions::Kind;
  OptimizerOptions& o = out.optimizer;
  o.kind = choice<Kind>(json, "kind", {{"adamw", Kind::kAdamW}, {"muon", Kind::kMuon}});
  o.adamw.beta1 = json.get_number("beta1", 0, 0.999999);
  o.adamw.beta2 = json.get_number("beta2", 0, 0.99999999);
  o.adamw.eps = json.get_number("eps", 1e-30, 1);
  o.muon.momentum = json.get_number("momentum", 0, 0.999999);
  o.weight_decay = json.get_number("weight_decay", 0, 100);
  out.decay_embeddings = json.get_bool("decay_embeddings");
  out.clip_norm = json.get_number("clip_norm", 0, 1e30);
}

void read_length(const JsonObject& json, TrainConfig& out) {
  if (json.contains("steps") == json.contains("epochs")) {
    json.reject_together(
        {"steps", "epochs"},
        fmt::format(
            "{} were given. Exactly one of steps and epochs was expected: how long to train.",
            json.contains("steps") ? "steps and epochs" : "neither steps nor epochs"));
  }
  if (json.contains("epochs")) {
    out.epochs = number_of(json, "epochs", kEpochs);
    out.schedule.steps = 0;
  } else {
    out.schedule.steps = json.get_int("steps", 1, kMostSteps);
  }
}

void read_schedule(const JsonObject& json, TrainConfig& out) {
  using Kind = Schedule::Kind;
  out.schedule.kind = choice<Kind>(
      json, "kind",
      {{"cosine", Kind::kCosine}, {"linear", Kind::kLinear}, {"constant", Kind::kConstant}});
  out.schedule.warmup_steps = json.get_int("warmup_steps", 0, kMostSteps);
  out.schedule.min_ratio = json.get_number("min_ratio", 0, 1);
}

void check_distill(const JsonObject& json, const DistillOptions& d) {
  if (d.mix.kl == 0 && d.hidden_weight == 0) {
    json.reject_together(
        {"kl_weight", "hidden_weight"},
        "distill.kl_weight and distill.hidden_weight are both 0: nothing would be learnt from the "
        "teacher. Give one of them a weight, or leave distill.teacher out.");
  }
  if (d.hidden_weight > 0 && d.cache) {
    json.reject_together(
        {"hidden_weight", "cache"},
        fmt::format("distill.hidden_weight is {}, but a cache keeps no hidden states. Leave "
                    "distill.cache out, or set distill.hidden_weight to 0.",
                    d.hidden_weight));
  }
}

/// What a whole config prints may stand there; what somebody chose wants a teacher.
void check_no_distill(const JsonObject& json) {
  for (const ConfigKey& key : train_config_keys()) {
    const std::size_t dot = key.path.find('.');
    if (key.path.substr(0, dot) != "distill") continue;
    const std::string_view leaf = key.path.substr(dot + 1);
    const Json* found = json.find(leaf);
    if (!found || *found == Json::parse(key.fallback)) continue;
    json.reject(leaf, "no value without distill.teacher, the model to learn from,");
  }
}

void read_distill(const JsonObject& json, TrainConfig& out) {
  if (!json.contains("teacher")) return check_no_distill(json);
  DistillOptions& d = out.distill.emplace();
  d.teacher = locate_model(json.get_string("teacher"));
  d.mix = {.temperature = static_cast<float>(number_of(json, "temperature", kTemperatures)),
           .kl = static_cast<float>(number_of(json, "kl_weight", kLossWeights)),
           .ce = static_cast<float>(number_of(json, "ce_weight", kLossWeights))};
  d.hidden_weight = number_of(json, "hidden_weight", kLossWeights);
  d.top_k = json.get_int("top_k", 1, kMostKeptTokens);
  if (json.contains("cache")) d.cache = json.get_string("cache");
  check_distill(json, d);
}

/// Of the section "distill", what decides about weights.
Json distill_resume_settings(const TrainConfig& config, std::string_view teacher_digest) {
  Json distill = config.json["distill"];
  distill["teacher"] = teacher_digest;
  // How much a cache keeps decides; where it lies does not, and without one all is known.
  distill.erase("cache");
  const bool is_cached = config.distill->cache.has_value();
  distill["top_k"] =
      is_cached ? Json(std::min(config.distill->top_k, config.model.vocab_size)) : Json();
  return distill;
}

void read_rest(const JsonObject& json, TrainConfig& out) {
  const JsonObject batch = json.get_object("batch");
  out.rows = batch.get_int("rows", 1, kMostRows);
  out.accumulate = batch.get_int("accumulate", 1, kMostRows);
  out.seed =
      static_cast<std::uint64_t>(json.get_int("seed", 0, std::numeric_limits<std::int64_t>::max()));
  out.packing.seed = out.seed;
  out.dtype = float_type(json, "dtype");
  out.recompute_layers = json.get_bool("recompute_layers");
  out.divergence = json.get_number("divergence", 0, 1e30);
  const JsonObject validate = json.get_object("validate");
  out.validate_every = validate.get_int("every", 0, kMostSteps);
  out.validate_rows = validate.get_int("rows", 1, kMostSteps);
  const JsonObject save = json.get_object("save");
  out.save_every = save.get_int("every", 0, kMostSteps);
  out.keep = save.get_int("keep", 1, kMostSteps);
  out.save_dtype = float_type(save, "dtype");
  out.log_every = json.get_int("log_every", 1, kMostSteps);
  out.output = json.get_string("output");
  // A slash at the end leaves no file name.
  const std::filesystem::path name =
      out.output.has_filename() ? out.output : out.output.parent_path();
  if (name.empty() || name.extension() == ".gguf") {
    json.reject("output", "the name of a folder");
  }
}

}  // namespace

Json TrainConfig::resume_settings(std::string_view teacher_digest) const {
  Json settings = json;
  for (const char* key :
       {"output", "validate", "save", "log_every", "divergence", "tokenizer", "distill"}) {
    settings.erase(key);
  }
  if (distill) settings["distill"] = distill_resume_settings(*this, teacher_digest);
  settings["model"] = {{"config", to_json(model)},
                       {"initializer", initializer == Initializer::kTiny ? "tiny" : "gpt2"},
                       {"initializer_range", initializer_range},
                       {"keep_zeros", keep_zeros}};
  settings["data"].erase("validation");
  for (Json& source : settings["data"]["train"]) {
    if (source.is_object()) source.erase("path");
    if (source.is_string()) source = Json::object();
    if (!source.contains("weight")) source["weight"] = 1;
  }
  // With a constant rate a step does not know how many follow: such a run may be made longer.
  if (schedule.kind == Schedule::Kind::kConstant) {
    settings.erase("steps");
    settings.erase("epochs");
  }
  return settings;
}

TrainConfig parse_train_config(const Json& json, const std::string& file, JsonOrigin origin) {
  TrainConfig out;
  out.json = with_defaults(json, file);
  origin.advice = "Correct it; pangu train --print-defaults explains every key.";
  origin.advice_for_missing = "Add it; pangu train --print-defaults explains every key.";
  const JsonObject whole(file, out.json, std::move(origin));
  read_model(whole.get_object("model"), out);
  if (!whole.contains("tokenizer") && !out.from) {
    whole.reject_together({"tokenizer", "model"},
                          "the key tokenizer is missing; a folder with a tokenizer was expected, "
                          "as a new model brings none.");
  }
  out.tokenizer =
      whole.contains("tokenizer") ? locate_model(whole.get_string("tokenizer")) : *out.from;
  read_data(whole.get_object("data"), out);
  read_optimizer(whole.get_object("optimizer"), out);
  read_schedule(whole.get_object("schedule"), out);
  read_distill(whole.get_object("distill"), out);
  read_length(whole, out);
  read_rest(whole, out);
  return out;
}

TrainConfig read_train_config(const fs::path& file, std::span<const std::string> overrides) {
  Json json = read_json(file, {.max_bytes = std::size_t{4} << 20, .allow_comments = true});
  if (!json.is_object()) {
    fail<ConfigError>("[config] {} is {}; an object was expected. Is this the right file?",
                      file.string(), describe(json));
  }
  JsonOrigin origin;
  for (const std::string& o : overrides) {
    origin.options.insert_or_assign(set_config_key(json, o), "--set " + clipped(o));
  }
  return parse_train_config(json, file.string(), std::move(origin));
}

}  // namespace pangu
