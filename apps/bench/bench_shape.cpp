// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_shape.h"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <filesystem>
#include <string_view>

#include "apps/shared/common_options.h"
#include "apps/shared/lists.h"
#include "base/error.h"
#include "io/locate_model.h"
#include "models/config/config_limits.h"
#include "models/config/config_shapes.h"

namespace pangu::app {
namespace {

ModelConfig known_shape(const std::string& name) {
  if (const auto config = named_shape(name)) return *config;
  const std::filesystem::path found = locate_model(name);
  if (name.ends_with(".json") || std::filesystem::exists(found)) return read_model_config(found);
  std::string names;
  for (const std::string_view n : shape_names())
    names += (names.empty() ? "" : ", ") + std::string(n);
  fail<ConfigError>("[bench] there is no shape '{}'. Use a config.json or one of: {}.", name,
                    names);
}

}  // namespace

std::string ShapeOptions::changes() const {
  std::string text;
  if (layers) text += fmt::format(" --layers {}", *layers);
  if (!intermediate_size.empty()) text += " --intermediate-size " + intermediate_size;
  if (kv_heads) text += fmt::format(" --kv-heads {}", *kv_heads);
  return text;
}

ModelConfig ShapeOptions::config() const {
  ModelConfig config = known_shape(name);
  if (changes().empty()) return config;
  ShapeChanges wanted{.n_layers = layers, .intermediate_size = {}, .n_kv_heads = kv_heads};
  if (!intermediate_size.empty()) wanted.intermediate_size = list_numbers(intermediate_size);
  return changed_shape(config, wanted, name + changes());
}

void add_shape_options(CLI::App& command, ShapeOptions& o) {
  CLI::Option* shape =
      command
          .add_option("--shape", o.name,
                      "In place of MODEL: random weights in the shape of a published model "
                      "(openpangu-embedded-1b, openpangu-embedded-7b, ...) or of a config.json")
          ->type_name("NAME")
          ->group("Shape");
  const auto change = [&](const char* flag, auto& value, const char* type,
                          const CLI::Validator& check, const char* what) {
    command.add_option(flag, value, what)
        ->type_name(type)
        ->default_str("the shape's")
        ->check(check)
        ->needs(shape)
        ->group("Shape");
  };
  change("--layers", o.layers, "N", whole_number(1, kMaxLayers), "Layers of the shape");
  change("--intermediate-size", o.intermediate_size, "LIST",
         list_of(whole_number(1, kMaxIntermediate)),
         "Feed-forward width: one number, or one for each layer with commas between");
  change("--kv-heads", o.kv_heads, "N", whole_number(1, kMaxHeads),
         "Key and value heads; query heads change in proportion");
}

}  // namespace pangu::app
