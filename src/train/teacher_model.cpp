// SPDX-License-Identifier: Apache-2.0
#include "train/teacher_model.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "io/mapped_file.h"
#include "models/weights/load.h"
#include "ops/loss.h"
#include "tensor/dtype.h"
#include "text/tokenizer/same_tokens.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The tokenizer that came with a model, or null.
std::shared_ptr<const Tokenizer> tokenizer_of(const ModelFiles& model) {
  bool has_any =
      fs::exists(model.path / "tokenizer.json") || fs::exists(model.path / "tokenizer.model");
  if (model.gguf) {
    const auto kind = model.gguf->metadata().find_string("tokenizer.ggml.model");
    has_any = kind && *kind != "no_vocab" && *kind != "none";
  }
  return has_any ? load_tokenizer(model.path) : nullptr;
}

class Check {
 public:
  Check(const ModelFiles& teacher, const StudentNeeds& student)
      : teacher_(teacher), student_(student) {}

  void all() const {
    const ModelConfig &t = teacher_.config, &s = student_.config;
    tokens();
    if (t.max_position_embeddings < student_.length) {
      refuse(fmt::format("it has {} positions (max_position_embeddings), fewer than "
                         "data.sequence_length, {}",
                         t.max_position_embeddings, student_.length),
             "Choose shorter rows.");
    }
    if (student_.hidden_states && t.hidden_size != s.hidden_size) {
      refuse(fmt::format("its hidden states have {} elements (hidden_size), the student's {}",
                         t.hidden_size, s.hidden_size),
             "They can be compared at equal widths only; set distill.hidden_weight to 0.");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what, const char* advice) const {
    fail<ConfigError>("[distill] {} cannot teach this student: {}. {}", teacher_.path.string(),
                      what, advice);
  }

  void tokens() const {
    const auto tokenizer = tokenizer_of(teacher_);
    constexpr const char* kAdvice = "A teacher with the same tokenizer was expected.";
    const std::int64_t rows = teacher_.config.vocab_size, of_student = student_.config.vocab_size;
    if (!tokenizer && rows == of_student) return;
    if (!tokenizer) {
      refuse(
          fmt::format("it knows {} tokens (vocab_size), the student {}, and it brings no tokenizer "
                      "that would show whether only padding differs",
                      rows, of_student),
          kAdvice);
    }
    const TokenId n = student_.tokenizer.vocab_size();
    if (tokenizer->vocab_size() != n) {
      refuse(
          fmt::format("its tokenizer has {} tokens, the student's {}", tokenizer->vocab_size(), n),
          kAdvice);
    }
    const auto difference =
        text::token_difference(*tokenizer, "the teacher", student_.tokenizer, "the student", n);
    if (difference) refuse(*difference, kAdvice);
    if (n > std::min(rows, of_student)) {
      refuse(
          fmt::format("the tokenizer has {} tokens, but the embeddings have {} rows (vocab_size) "
                      "and the student's {}",
                      n, rows, of_student),
          "Use the tokenizer that came with the models.");
    }
  }

  const ModelFiles& teacher_;
  const StudentNeeds& student_;
};

ModelFiles open_checked(const fs::path& path, const StudentNeeds& student) {
  ModelFiles files = ModelFiles::open(path);
  Check(files, student).all();
  return files;
}

void add_file(const fs::path& path, ThreadPool& threads, ContentHash& to) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  const MappedFile file(path);
  std::vector<std::uint64_t> blocks((file.size() + kBlock - 1) / kBlock);
  threads.parallel_for(std::ssize(blocks), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto b = static_cast<std::size_t>(begin); b < static_cast<std::size_t>(end); ++b) {
      const std::size_t at = b * kBlock, n = std::min(kBlock, file.size() - at);
      ContentHash hash;
      hash.add(file.bytes().subspan(at, n));
      blocks[b] = hash.value();
      file.drop(at, n);
    }
  });
  for (const std::uint64_t block : blocks) to.add(block);
}

std::int64_t shared_ids_of(const ModelConfig& teacher, const ModelConfig& student) {
  return teacher.vocab_size == student.vocab_size
             ? 0
             : std::min(teacher.vocab_size, student.vocab_size);
}

std::string digest_of(const ModelFiles& model, ThreadPool& threads) {
  ContentHash hash;
  hash.add(to_json(model.config).dump());
  if (model.gguf) {
    for (const MappedFile& part : model.gguf->files()) add_file(part.path(), threads, hash);
  } else {
    for (const SafetensorsFile& file : model.checkpoint->files()) {
      add_file(file.path(), threads, hash);
    }
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace

TeacherModel::TeacherModel(const fs::path& path, const StudentNeeds& student, Context& ctx)
    : files_(open_checked(path, student)),
      shared_ids_(shared_ids_of(files_.config, student.config)),
      digest_(digest_of(files_, ctx.threads())) {}

Tensor TeacherModel::hidden_states(const Batch& batch, Context& ctx) {
  if (!model_) model_ = load_language_model(files_.config, *files_.source, {}, ctx);
  return model_->hidden_states(batch, ctx);
}

std::int64_t estimate_teacher_memory(const ModelFiles& teacher, DType dtype, std::int64_t tokens) {
  const ModelConfig& c = teacher.config;
  const auto product = static_cast<std::int64_t>(size_bytes(dtype));
  const std::int64_t E = c.hidden_size, Q = c.n_heads * c.head_dim, K = c.n_kv_heads * c.head_dim;
  const std::int64_t F = *std::ranges::max_element(c.intermediate_size);
  // The widest point of a layer: residual stream and norm, and either all of attention or the MLP.
  const std::int64_t widest = 8 * E + product * E + std::max(8 * Q + 12 * K, (8 + product) * F);
  const std::int64_t chunk = std::min(tokens, ops::loss_rows(c.vocab_size));
  return teacher.weight_bytes() + tokens * widest + 4 * chunk * c.vocab_size;
}

}  // namespace pangu
