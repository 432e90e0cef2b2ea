// SPDX-License-Identifier: Apache-2.0
// Who may ask: keys from a file, each with what it is good for.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/exchange.h"

namespace pangu::serve {

/// What a key is good for.
enum class Scope {
  kInference,  ///< replies, tokens, lists of models
  kMetrics,    ///< /metrics and /props
};

struct ApiKey {
  std::string name;  ///< what the log calls it; never the key
  std::string key;
  std::set<Scope> scopes;
};

class ApiKeys {
 public:
  /// Nobody needs a key.
  ApiKeys() = default;
  explicit ApiKeys(std::vector<ApiKey> keys) : keys_(std::move(keys)) {}

  /// A key a line, and behind it what it is good for, where that is not everything, and its name:
  /// "KEY [inference|metrics[,...]] [NAME]". Empty lines and those that begin with # do not count.
  /// Throws FileError with the line that is wrong; for an empty list; and where others than its
  /// owner may read the file.
  static ApiKeys read(const std::filesystem::path& file);

  bool are_needed() const { return !keys_.empty(); }
  /// The key that a request carries as "Authorization: Bearer KEY" or "X-Api-Key: KEY", compared in
  /// a time that tells nothing about the keys; null if it has none of these.
  const ApiKey* find(const HttpRequest& request) const;

 private:
  std::vector<ApiKey> keys_;
};

}  // namespace pangu::serve
