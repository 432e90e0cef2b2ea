// SPDX-License-Identifier: Apache-2.0
#include "serve/models/model_source.h"

#include <algorithm>
#include <string_view>

#include "base/clipped.h"
#include "base/error.h"
#include "base/last_name.h"

namespace pangu::serve {

ModelSource parse_model_source(const std::string& text) {
  const auto equals = text.find('=');
  ModelSource out;
  out.path = equals == std::string::npos ? text : text.substr(equals + 1);
  out.name = equals == std::string::npos ? last_name(out.path) : text.substr(0, equals);
  const bool is_name = std::ranges::all_of(out.name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./").find(c) != std::string_view::npos;
  });
  if (out.name.empty() || !is_name || out.path.empty()) {
    fail<ConfigError>(
        "[serve] {} is no model to serve: NAME=PATH was expected, with letters, "
        "digits and -_./ in the name.",
        clipped(text));
  }
  return out;
}

}  // namespace pangu::serve
