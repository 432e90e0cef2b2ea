// SPDX-License-Identifier: Apache-2.0
// The model that a run leaves behind: a Hugging Face folder that any program can load.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "train/decoder_objective.h"
#include "train/train_config.h"
#include "train/trainer.h"

namespace pangu {

/// Copies the files of a tokenizer folder, its chat templates and licence too; of a single file
/// that file. What is in `to` already is kept.
void copy_tokenizer_files(const std::filesystem::path& tokenizer, const std::filesystem::path& to);

/// Throws ConfigError unless a tokenizer consists of files that can be copied: a folder with
/// tokenizer.json or tokenizer.model, or one of these. Throws FileError for links in the folder
/// that lead out of it.
void require_tokenizer_files(const std::filesystem::path& tokenizer);

/// Whether two folders hold the same tensors, bit for bit. Throws FileError for damaged ones.
bool same_weights(const std::filesystem::path& a, const std::filesystem::path& b);

/// README.md: what was trained on what, how, with which result. `command` may be empty.
std::string training_card(const TrainConfig& config, const TrainResult& result,
                          const MemoryEstimate& size, const std::string& command);

/// Throws FileError if a folder has a file that a run with this tokenizer would write: log and
/// picture, unless they are those of a run that `begins_anew`, and all that the finished model has.
void require_free_output(const std::filesystem::path& out, const std::filesystem::path& tokenizer,
                         bool begins_anew);

/// Puts a model into the folder `out`, which holds log and checkpoints already: `fill` writes it to
/// a folder beside, and each file is then renamed into place, config.json last. A folder without
/// config.json is no model, so that none is ever seen in part. Throws FileError.
void write_finished_model(const std::filesystem::path& out,
                          const std::function<void(const std::filesystem::path&)>& fill);

}  // namespace pangu
