// SPDX-License-Identifier: Apache-2.0
#include "train/config_keys.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"
#include "io/option_error.h"

namespace pangu {
namespace {

constexpr ConfigKey kKeys[] = {
    {"model.from", "null", "checkpoint to train on, a folder or a name; or give config or shape"},
    {"model.config", "null", "a new model: a config.json as path or inline object"},
    {"model.shape", "null", "a new model: a published shape, such as \"openpangu-embedded-1b\""},
    {"model.keep_zeros", "false", "weights of model.from that are 0 stay 0, as in a sparse model"},
    {"model.initializer", "null",
     "a new model's matrices: \"gpt2\" or \"tiny\"; by architecture if absent"},
    {"model.initializer_range", "0.02", "standard deviation of the matrices with \"gpt2\""},
    {"tokenizer", "null", "folder or name of its model; that of model.from if absent"},
    {"data.train", "[]", "sources: [{\"path\": \"a.jsonl\", \"weight\": 1}, ...]; .jsonl or .txt"},
    {"data.validation", "[]", "sources that are never trained on"},
    {"data.loss_on", "\"assistant\"", "\"assistant\": replies and completions; or \"all\""},
    {"data.sequence_length", "1024", "tokens in a packed row, at most"},
    {"data.too_long", "\"split\"", "longer documents: \"split\", \"truncate\" or \"skip\""},
    {"data.document_separator", "null", "between documents of .txt files; a blank line if absent"},
    {"data.append_eos", "true", "ends texts and completions with the end-of-text token"},
    {"batch.rows", "8", "rows of a micro-batch: what is in memory at a time"},
    {"batch.accumulate", "1", "micro-batches whose gradients make one step"},
    {"optimizer.kind", "\"adamw\"", "\"adamw\"; or \"muon\": for matrices between hidden states"},
    {"optimizer.learning_rate", "3e-4", "after warm-up"},
    {"optimizer.beta1", "0.9", "of AdamW: memory of the mean gradient"},
    {"optimizer.beta2", "0.95", "of AdamW: memory of the mean squared gradient"},
    {"optimizer.eps", "1e-8", "added to the root of the latter"},
    {"optimizer.momentum", "0.95", "of Muon: memory of the mean gradient"},
    {"optimizer.weight_decay", "0.1", "decoupled; never of norms and biases"},
    {"optimizer.decay_embeddings", "true", "whether embeddings decay"},
    {"optimizer.clip_norm", "1.0", "largest norm of all gradients together; 0: any"},
    {"schedule.kind", "\"cosine\"", "\"cosine\", \"linear\" or \"constant\""},
    {"schedule.warmup_steps", "0", "steps in which the rate rises"},
    {"schedule.min_ratio", "0.1", "last rate / learning_rate"},
    {"distill.teacher", "null",
     "model to learn from, a folder, GGUF file or name; null: from data alone"},
    {"distill.temperature", "2.0", "softens what teacher and student say"},
    {"distill.kl_weight", "1.0", "of temperature^2 x the divergence from the teacher"},
    {"distill.ce_weight", "0.0", "of the cross-entropy of the data"},
    {"distill.hidden_weight", "0.0", "of the mean squared difference of hidden states"},
    {"distill.cache", "null", "folder that keeps what the teacher says; null: it runs every time"},
    {"distill.top_k", "256", "likeliest tokens that the cache keeps of each distribution"},
    {"steps", "null", "how long to train; or give epochs"},
    {"epochs", "null", "how often to go over data.train; may be a fraction"},
    {"seed", "0", "of initial weights, packing and order"},
    {"dtype", "\"bf16\"", "arithmetic of matrix products: \"bf16\" or \"f32\"; masters are f32"},
    {"recompute_layers", "false", "keep only the input of each layer; a third more arithmetic"},
    {"divergence", "3.0", "stop when the loss is this far above its recent mean; 0: never"},
    {"validate.every", "0", "steps; 0: at the end only"},
    {"validate.rows", "64", "rows of data.validation to look at"},
    {"save.every", "500", "steps between checkpoints; 0: at the end and on Ctrl-C only"},
    {"save.keep", "2", "checkpoints that stay"},
    {"save.dtype", "\"bf16\"", "of model.safetensors: \"bf16\" or \"f32\""},
    {"log_every", "1", "steps between lines of log.csv"},
    {"output", "null", "folder for log, checkpoints and the finished model"},
};

std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}
std::string_view leaf_of(std::string_view path) {
  const std::size_t dot = path.find('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

Json::json_pointer pointer(std::string_view path) {
  std::string text = "/" + std::string(path);
  std::ranges::replace(text, '.', '/');
  return Json::json_pointer(text);
}

/// Edits that turn one text into the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({swap, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

template <class E>
[[noreturn]] void fail_unknown(std::string_view path, std::string_view file) {
  // A right name in the wrong section is nearer than its path would say.
  const auto distance = [&](const ConfigKey& key) {
    return std::min(edit_distance(key.path, path),
                    edit_distance(leaf_of(key.path), path.substr(path.rfind('.') + 1)) + 1);
  };
  const auto& nearest = *std::ranges::min_element(kKeys, {}, distance);
  fail<E>(
      "[config] {}: there is no key '{}'. Did you mean '{}'? pangu train --print-defaults lists "
      "every key.",
      file, clipped(path), nearest.path);
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(kKeys,
                             [&](const ConfigKey& key) { return section_of(key.path) == name; });
}

bool is_key(std::string_view path) {
  return std::ranges::find(kKeys, path, &ConfigKey::path) != std::end(kKeys);
}

void check_known(const Json& given, std::string_view file) {
  for (const auto& [name, value] : given.items()) {
    if (!is_section(name)) {
      if (!is_key(name)) fail_unknown<ConfigError>(clipped(name), file);
      continue;
    }
    if (!value.is_object()) {
      fail<ConfigError>("[config] {}: the key {} is {}; an object was expected. Correct the file.",
                        file, name, describe(value));
    }
    for (const auto& [leaf, ignored] : value.items()) {
      const std::string path = fmt::format("{}.{}", name, leaf);
      if (!is_key(path)) fail_unknown<ConfigError>(clipped(path), file);
    }
  }
}

}  // namespace

std::span<const ConfigKey> train_config_keys() {
  return kKeys;
}

std::string commented_defaults() {
  std::string text = "{\n";
  std::string_view open;
  for (const ConfigKey& key : kKeys) {
    const std::string_view section = section_of(key.path);
    const bool is_last = &key == std::end(kKeys) - 1;
    const bool ends_section = is_last || section_of((&key + 1)->path) != section;
    if (section != open && !section.empty()) text += fmt::format("  \"{}\": {{\n", section);
    open = section;
    const std::string line = fmt::format("{}\"{}\": {}{}", section.empty() ? "  " : "    ",
                                         leaf_of(key.path), key.fallback,
                                         section.empty() ? is_last ? "" : ","
                                         : ends_section  ? ""
                                                         : ",");
    text += fmt::format("{:<38} // {}\n", line, key.comment);
    if (ends_section && !section.empty()) text += is_last ? "  }\n" : "  },\n";
  }
  return text + "}\n";
}

Json with_defaults(const Json& given, std::string_view file) {
  if (!given.is_object()) {
    fail<ConfigError>("[config] {} is {}; an object was expected. Is this the right file?", file,
                      describe(given));
  }
  check_known(given, file);
  Json whole;
  for (const ConfigKey& key : kKeys) {
    const auto at = pointer(key.path);
    const bool has = given.contains(at) && !given[at].is_null();
    whole[at] = has ? given[at] : Json::parse(key.fallback);
  }
  return whole;
}

std::string set_config_key(Json& config, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail<OptionError>(
        "[config] --set '{}' is no assignment. KEY=VALUE was expected, such as "
        "optimizer.learning_rate=1e-4.",
        clipped(assignment));
  }
  const std::string_view path = assignment.substr(0, equals);
  const std::string value(assignment.substr(equals + 1));
  if (!is_key(path)) fail_unknown<OptionError>(path, "--set");
  Json parsed = value;  // text need not be quoted
  if (Json::accept(value)) {
    try {
      parsed = parse_json(value, fmt::format("--set {}", path));
    } catch (const FileError& error) {
      fail<OptionError>("{}", error.what());
    }
  }
  if (!config.is_object()) config = Json::object();
  const std::string section(section_of(path));
  if (!section.empty() && (!config.contains(section) || !config[section].is_object())) {
    config[section] = Json::object();
  }
  config[pointer(path)] = std::move(parsed);
  return std::string(path);
}

}  // namespace pangu
