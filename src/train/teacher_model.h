// SPDX-License-Identifier: Apache-2.0
// The model that a student learns from. It only runs forward, so that weights of any format will
// do; they are read when it is first asked something.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "models/language_model.h"
#include "models/model_files.h"
#include "pangu/dtype.h"
#include "pangu/tokenizer.h"

namespace pangu {

/// What a teacher must fit.
struct StudentNeeds {
  const ModelConfig& config;
  const Tokenizer& tokenizer;
  std::int64_t length = 1;     ///< of the longest document
  bool hidden_states = false;  ///< whether these are compared
};

class TeacherModel {
 public:
  /// Opens a Hugging Face folder or a GGUF file and reads all of it once, for its digest. Throws
  /// ConfigError for a teacher with another tokenizer (where it has one), with another vocab_size
  /// and no tokenizer that shows that only padding differs, with fewer positions or, if hidden
  /// states are compared, of another width; what opening a model throws.
  TeacherModel(const std::filesystem::path& path, const StudentNeeds& student, Context& ctx);

  /// 16 hexadecimal digits that change with its config and with every bit of its weights.
  const std::string& digest() const { return digest_; }
  const ModelConfig& config() const { return files_.config; }
  /// Ids that mean the same to the student, where one of the two pads its vocabulary more than the
  /// other; 0 where both have as many rows.
  std::int64_t shared_ids() const { return shared_ids_; }

  /// What enters the output head, as LanguageModel::hidden_states(). The first call reads the
  /// weights.
  Tensor hidden_states(const Batch& batch, Context& ctx);
  /// The output head, once the weights are there.
  const Linear& head() const { return model_->head(); }
  /// Whether the weights are in memory: whether the teacher was ever asked.
  bool is_loaded() const { return model_ != nullptr; }

 private:
  ModelFiles files_;
  std::int64_t shared_ids_;
  std::string digest_;
  std::unique_ptr<LanguageModel> model_;
};

/// Bytes that a teacher needs besides its student, for batches of so many tokens.
std::int64_t estimate_teacher_memory(const ModelFiles& teacher, DType dtype, std::int64_t tokens);

}  // namespace pangu
