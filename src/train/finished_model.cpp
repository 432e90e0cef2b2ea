// SPDX-License-Identifier: Apache-2.0
#include "train/finished_model.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file_advice.h"
#include "base/last_name.h"
#include "checkpoint/companion_files.h"
#include "io/atomic_folder.h"
#include "io/checkpoint.h"
#include "io/folder_names.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

void move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::is_directory(to, error) && !fs::is_symlink(to, error)) fs::remove_all(to, error);
  if (std::rename(from.c_str(), to.c_str()) == 0) return;
  fail<FileError>("[write] {}: cannot rename the finished file into place: {}. {}", to.string(),
                  std::strerror(errno), file_advice(errno));
}

std::string figures(const TrainConfig& config, const TrainResult& result,
                    const MemoryEstimate& size) {
  std::string text = "| | |\n|---|---|\n";
  text += fmt::format("| parameters | {} |\n| steps | {} |\n| tokens read | {} |\n",
                      size.parameters, result.step, result.tokens);
  text += fmt::format("| loss of the last step | {:.4f} nats a token |\n", result.loss);
  if (result.validation_loss) {
    text += fmt::format("| validation loss | {:.4f} nats a token", *result.validation_loss);
    // A loss that compares with a teacher is no perplexity.
    if (!config.distill) {
      text += fmt::format(" (perplexity {:.3f})", std::exp(*result.validation_loss));
    }
    text += " |\n";
  }
  return text;
}

/// What the model was made from.
std::string origin(const TrainConfig& config) {
  std::string text = config.from
                         ? fmt::format("Trained on from {}; its license holds for this model too.",
                                       last_name(*config.from))
                         : std::string("Trained from random weights.");
  if (!config.distill) return text;
  const DistillOptions& d = *config.distill;
  text += fmt::format(
      " Distilled: it learnt from {}, whose license holds too, at temperature {:g}; the loss had "
      "{:g} of the divergence, {:g} of the data's cross-entropy, {:g} of the hidden states.",
      last_name(d.teacher), d.mix.temperature, d.mix.kl, d.mix.ce, d.hidden_weight);
  if (d.cache) {
    text += fmt::format(" The {} likeliest tokens of each distribution were compared.",
                        std::min(d.top_k, config.model.vocab_size));
  }
  return text;
}

/// The config as a run elsewhere would need it: without the paths of this machine.
Json recipe(const TrainConfig& config) {
  Json json = config.json;
  const auto shorten = [&](Json& value) {
    if (value.is_string()) value = last_name(value.get<std::string>());
  };
  for (const char* key : {"tokenizer", "output"}) shorten(json[key]);
  shorten(json["model"]["from"]);
  shorten(json["model"]["config"]);
  if (json.contains("distill")) {
    for (const char* key : {"teacher", "cache"}) shorten(json["distill"][key]);
  }
  for (const char* key : {"train", "validation"}) {
    for (Json& source : json["data"][key]) shorten(source.is_object() ? source["path"] : source);
  }
  return json;
}

}  // namespace

void require_tokenizer_files(const fs::path& tokenizer) {
  for (const char* name : {"tokenizer.json", "tokenizer.model"}) {
    if (tokenizer.filename() == name) return;
    if (!fs::exists(tokenizer / name)) continue;
    companion_files(tokenizer, &is_tokenizer_file);  // refuses links that lead elsewhere
    return;
  }
  fail<ConfigError>(
      "[config] tokenizer {}: there is neither a tokenizer.json nor a tokenizer.model. The trained "
      "model needs its files; give the folder that has them.",
      tokenizer.string());
}

void copy_tokenizer_files(const fs::path& tokenizer, const fs::path& to) {
  if (fs::is_regular_file(tokenizer)) {
    copy_file_whole(tokenizer, to / tokenizer.filename());
  } else {
    copy_files(tokenizer, to, &is_tokenizer_file);
  }
}

bool same_weights(const fs::path& a, const fs::path& b) {
  const Checkpoint left = Checkpoint::open(a), right = Checkpoint::open(b);
  return std::ranges::equal(left.tensors(), right.tensors(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second->dtype == y.second->dtype &&
           x.second->shape == y.second->shape && std::ranges::equal(x.second->data, y.second->data);
  });
}

std::string training_card(const TrainConfig& config, const TrainResult& result,
                          const MemoryEstimate& size, const std::string& command) {
  std::string text = fmt::format("# {}\n\n{} ({}, weights in {}.) Load the folder with pangu.\n\n",
                                 last_name(config.output), origin(config),
                                 config.model.architecture, name(config.save_dtype));
  text += figures(config, result, size);
  if (!command.empty()) text += "\n```console\n$ " + command + "\n```\n";
  return text + "\nThe recipe:\n\n```json\n" + json_text(recipe(config), 2) +
         "\n```\n\n`log.csv` and `loss.svg` show the course of the run.\n";
}

void require_free_output(const fs::path& out, const fs::path& tokenizer, bool begins_anew) {
  std::vector<std::string> names{"config.json", "generation_config.json", "model.safetensors",
                                 "README.md"};
  if (fs::is_regular_file(tokenizer)) {
    names.push_back(tokenizer.filename().string());
  } else if (fs::is_directory(tokenizer)) {
    for (const fs::path& file : companion_files(tokenizer, &is_tokenizer_file)) {
      names.push_back(file.begin()->string());
    }
  }
  // A run that ended before its first checkpoint leaves them, the picture never alone.
  if (!begins_anew || !fs::exists(out / "log.csv")) {
    names.insert(names.end(), {"log.csv", "loss.svg"});
  }
  for (const std::string& name : names) {
    if (!fs::exists(fs::symlink_status(out / name))) continue;
    fail<FileError>(
        "[output] {} holds {}, which was not made by this run and would be replaced. Choose "
        "another output folder, or move the file away{}.",
        out.string(), name,
        name == "log.csv" ? "; if an earlier run left it, --resume begins anew" : "");
  }
}

void write_finished_model(const fs::path& out, const std::function<void(const fs::path&)>& fill) {
  const fs::path beside = out / ".pangu-model.tmp";
  std::error_code ignored;
  fs::remove_all(beside, ignored);
  AtomicFolder folder(beside);
  fill(folder.path());
  if (!fs::exists(folder.path() / "config.json")) {
    fail<FileError>(
        "[save] the model for {} has no config.json; a whole model was expected. What is "
        "in the folder stays as it was.",
        out.string());
  }
  fs::remove(out / "config.json", ignored);
  for (const std::string& name : folder_names(folder.path())) {
    if (name != "config.json") move_into_place(folder.path() / name, out / name);
  }
  move_into_place(folder.path() / "config.json", out / "config.json");
}

}  // namespace pangu
