// SPDX-License-Identifier: Apache-2.0
// The options of pangu serve.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/shared/common_options.h"
#include "apps/shared/speculation_options.h"
#include "serve/http/http_server.h"
#include "serve/model_set.h"
#include "serve/service.h"

namespace pangu::app {

struct ServeOptions {
  CommonOptions common;
  FormatOptions formats;
  SpeculationFlags speculation;
  std::vector<std::string> models;
  serve::HttpServerOptions http;
  std::string unix_socket, certificate, private_key;
  std::string api_keys, access_log, trace, decisions, cache_dir;
  std::int64_t cache_dir_bytes = std::int64_t{16} << 30;
  serve::OriginRules origins;
  std::int64_t context = 0, cache_tokens = 0;
  std::int64_t max_replies = 16, max_waiting = 128;
  std::int64_t max_body = 32 << 20, max_connections = 4096;
  bool forgets_prefixes = false, isolates_keys = false;
  std::int64_t max_memory = 0;
  double drain_s = 30, prompt_s = 0.03, max_time_s = 0;
};

/// Adds the options. `options` must outlive the app.
void add_serve_options(CLI::App& command, ServeOptions& options);

/// Refuses options that do not go together. Throws UsageError.
void check_serve_options(const CLI::App& command, const ServeOptions& options);

serve::HttpServerOptions http_options(const ServeOptions& options);
/// Of every model.
serve::ServedModelOptions served_model_options(const ServeOptions& options);
/// The models, with their paths as this machine has them. Throws what parse_model_source() and
/// locate_model() do.
std::vector<serve::ModelSource> model_sources(const ServeOptions& options);

}  // namespace pangu::app
