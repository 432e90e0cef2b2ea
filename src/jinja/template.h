// SPDX-License-Identifier: Apache-2.0
// A parsed Jinja template, and the variables it is rendered with.
#pragma once

#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/ast.h"
#include "jinja/limits.h"
#include "jinja/text.h"

namespace pangu::jinja {

/// Keeps the order of keys, which `tojson` shows to the model.
using Json = nlohmann::ordered_json;

struct Variable {
  std::string name;
  Json value;
  /// Of every string in `value`.
  Source source = Source::kContent;
};

/// Never changes after parse(); any number of threads may render at once.
class Template {
 public:
  /// `origin` names the template in errors: a file, or "the built-in template".
  /// throws Unsupported naming the line for a tag that does not exist; ConfigError for a template
  ///        that is malformed or larger than the limits.
  static Template parse(std::string_view source, std::string origin, const Limits& limits = {});

  /// throws ConfigError for errors while rendering and for exceeded limits; Unsupported for
  /// filters,
  ///        tests, functions and methods that do not exist; InputError for raise_exception() and
  ///        for variables that are not UTF-8, nested too deep or hold numbers past 64 bits.
  Text render(const std::vector<Variable>& variables,
              std::optional<std::time_t> now = std::nullopt) const;

  const std::string& origin() const { return origin_; }

 private:
  Template(std::string origin, const Limits& limits, Block body)
      : origin_(std::move(origin)), limits_(limits), body_(std::move(body)) {}

  std::string origin_;
  Limits limits_;
  Block body_;
};

}  // namespace pangu::jinja
