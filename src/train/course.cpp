// SPDX-License-Identifier: Apache-2.0
#include "train/course.h"

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {
namespace {

/// "/optimizer/learning_rate" as the config spells it.
std::string dotted(std::string path) {
  if (!path.empty()) path.erase(0, 1);
  for (char& c : path) {
    if (c == '/') c = '.';
  }
  return path;
}

std::string shown(const Json& root, const std::string& path) {
  const Json::json_pointer at(path);
  return root.contains(at) ? clipped(json_text(root[at]), 100) : "absent";
}

}  // namespace

void require_same_course(const Json& saved, const Json& now, const std::string& checkpoint) {
  const Json changes = Json::diff(saved, now);
  if (changes.empty()) return;
  const auto path = changes.front()["path"].get<std::string>();
  fail<ConfigError>(
      "[resume] {} was made with {} = {}, but the config says {}. A resumed run takes the same "
      "course; restore the value, or begin a new run with model.from = \"{}\".",
      checkpoint, dotted(path), shown(saved, path), shown(now, path), checkpoint);
}

}  // namespace pangu
