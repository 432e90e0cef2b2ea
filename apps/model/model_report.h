// SPDX-License-Identifier: Apache-2.0
// What `pangu info` finds out about a model without loading it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/shared/common_options.h"
#include "io/json.h"
#include "models/config/config.h"
#include "pangu/tokenizer.h"
#include "text/chat/chat_template.h"

namespace pangu::app {

/// What the weight files hold.
struct WeightsReport {
  /// A quantized matrix counts as one tensor; its bytes are those of all its parts.
  struct Type {
    std::int64_t tensors = 0, parameters = 0, bytes = 0;
  };
  std::int64_t files = 0;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;
  bool head_is_repeated = false;                      ///< the tied head is stored once more
  std::map<std::string, Type> types;                  ///< by name of dtype or weight format
  std::map<std::string, std::int64_t> bytes_by_part;  ///< embedding, head, attention, mlp, norms
};

/// The header of a GGUF file.
struct GgufReport {
  std::uint32_t version = 0;
  std::size_t tensors = 0;
  std::vector<std::pair<std::string, std::string>> keys;
};

struct ModelReport {
  std::filesystem::path path;
  std::optional<ModelConfig> config;
  std::optional<WeightsReport> weights;
  std::optional<GgufReport> gguf;
  std::shared_ptr<const Tokenizer> tokenizer;
  bool has_chat_template = false;
  ThinkingStyle thinking = ThinkingStyle::kNone;
  std::vector<std::string> problems;  ///< what is missing or damaged, in words

  std::int64_t kv_bytes_per_token(KvFormat format) const;
  /// Bytes of the weights: of the files, or what the config makes them.
  std::int64_t weight_bytes() const;
  /// Positions of a conversation when nobody asks for more.
  std::int64_t default_context() const;
};

/// Looks at a Hugging Face folder, whole or not, a GGUF file or a tokenizer file. Throws FileError
/// if there is nothing of a model there, and ConfigError or Unsupported for a config.json that
/// cannot be used.
ModelReport inspect(const std::filesystem::path& path);

// The report and the machine, for people and for programs.

std::string report_text(const ModelReport& report);
std::string machine_report_text(const CommonOptions& options);
Json report_json(const ModelReport& report);
Json machine_report_json(const CommonOptions& options);

}  // namespace pangu::app
