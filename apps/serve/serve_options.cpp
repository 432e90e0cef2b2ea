// SPDX-License-Identifier: Apache-2.0
#include "apps/serve/serve_options.h"

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <limits>
#include <span>

#include "apps/shared/commands.h"
#include "apps/shared/option_rules.h"
#include "apps/shared/quantities.h"
#include "base/clipped.h"
#include "io/bundle_default.h"
#include "io/locate_model.h"
#include "models/config/config_limits.h"

namespace pangu::app {
namespace {

void add_address_options(CLI::App& command, ServeOptions& o) {
  const auto add = [&command](const char* flag, auto& value, const char* type,
                              const char* description) {
    return command.add_option(flag, value, description)->type_name(type)->group("Address");
  };
  add("--host", o.http.host, "NAME", "Address to listen on; 0.0.0.0 and :: are all")
      ->capture_default_str();
  add("--port", o.http.port, "N", "Port; 0 takes a free one, and says which")
      ->capture_default_str()
      ->check(whole_number(0, 65535));
  add("--socket", o.unix_socket, "PATH", "Listen on a socket of the file system instead");
  add("--cert", o.certificate, "FILE", "Speak TLS, with this certificate and its chain (PEM)");
  add("--key", o.private_key, "FILE", "Private key of the certificate (PEM)");
}

void add_access_options(CLI::App& command, ServeOptions& o) {
  const auto add = [&command](const char* flag, auto& value, const char* type,
                              const char* description) {
    return command.add_option(flag, value, description)->type_name(type)->group("Access");
  };
  add("--api-keys", o.api_keys, "FILE",
      "Answer only who has a key: one a line, and what it is good for if not all: inference, "
      "metrics");
  add("--allow-host", o.origins.hosts, "NAME",
      "A name of this server in requests, beside addresses and localhost; repeatable; * is any")
      ->allow_extra_args(false);
  add("--cors", o.origins.origins, "ORIGIN",
      "Let pages of this origin (https://chat.example.org) use the server; repeatable; * is any")
      ->allow_extra_args(false);
  command
      .add_flag("--isolate-keys", o.isolates_keys,
                "Share what was computed for prompts only among requests of the same key")
      ->group("Access");
  add("--access-log", o.access_log, "FILE",
      "Add a line of JSON for each request, without its texts; - is standard output");
  add("--trace", o.trace, "FILE",
      "Add a line for each request that OpenTelemetry's collectors read: when it waited, when its "
      "prompt and its tokens were computed");
  add("--decisions", o.decisions, "F.jsonl",
      "Add a line of JSON for each choice of a bundle's (NAME:auto); pangu info checks them")
      ->check(not_empty());
}

void add_load_options(CLI::App& command, ServeOptions& o) {
  const auto add = [&command](const char* flag, auto& value, std::int64_t min, std::int64_t max,
                              const char* description) {
    return command.add_option(flag, value, description)
        ->type_name("N")
        ->check(whole_number(min, max))
        ->group("Load");
  };
  constexpr std::int64_t kMost = 1 << 20;
  add("--ctx", o.context, 1, kMaxPositions, "Tokens that a prompt and its reply may have")
      ->default_str("the model's, at most 4096");
  add("--parallel", o.max_replies, 1, kMost, "Replies that are written at the same time")
      ->capture_default_str();
  add("--cache-tokens", o.cache_tokens, 1, kMaxPositions, "Tokens that the cache holds in all")
      ->default_str("--parallel times --ctx");
  command
      .add_flag("--no-prefix-cache", o.forgets_prefixes,
                "Forget what was computed once its reply is over; else it stays for prompts that "
                "begin alike, as long as nobody needs the room")
      ->group("Load");
  command
      .add_option("--cache-dir", o.cache_dir,
                  "Folder in which what was computed for prompts outlives the server")
      ->type_name("DIR")
      ->group("Load");
  command.add_option("--cache-dir-size", o.cache_dir_bytes, "Size that the folder may have")
      ->type_name("SIZE")
      ->default_str("16GiB")
      ->transform(byte_count())
      ->group("Load");
  add("--max-waiting", o.max_waiting, 0, kMost, "Replies that may wait; others are refused (429)")
      ->capture_default_str();
  add("--max-connections", o.max_connections, 1, kMost, "Connections that may be open")
      ->capture_default_str();
  command
      .add_option("--prompt-time", o.prompt_s,
                  "How much longer each token of a reply may take because of prompts that come")
      ->type_name("TIME")
      ->default_str("0.03s")
      ->transform(duration())
      ->group("Load");
  command.add_option("--max-body", o.max_body, "Size that a request may have")
      ->type_name("SIZE")
      ->default_str("32MiB")
      ->transform(byte_count())
      ->group("Load");
  command
      .add_option("--max-memory", o.max_memory,
                  "Memory that models and their caches may take together: what does not fit is "
                  "loaded when it is asked for, in place of what was not asked for longest")
      ->type_name("SIZE")
      ->default_str("all models stay in memory")
      ->transform(byte_count())
      ->check(whole_number(1))
      ->group("Load");
  command
      .add_option("--max-time", o.max_time_s,
                  "Time that a reply may take from its request to its end; requests may ask for "
                  "less (timeout)")
      ->type_name("TIME")
      ->default_str("as long as it takes")
      ->transform(duration())
      ->group("Load");
  command
      .add_option("--drain", o.drain_s, "Time that replies get to end when the server is to end")
      ->type_name("TIME")
      ->default_str("30s")
      ->transform(duration())
      ->group("Load");
}

/// As browsers send it, or nothing would ever match.
void check_origin(const std::string& origin) {
  const auto scheme = origin.find("://");
  const bool is_small = std::ranges::none_of(origin, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (origin == "*" || (scheme != std::string::npos && scheme > 0 && is_small &&
                        origin.find('/', scheme + 3) == std::string::npos)) {
    return;
  }
  throw UsageError(fmt::format(
      "--cors: '{}' is no origin: a scheme and a name in small letters without a path were "
      "expected, such as https://chat.example.org.",
      clipped(origin, 60)));
}

/// As a request's Host has it, without a port.
void check_host(const std::string& host) {
  const bool is_name = std::ranges::none_of(
      host, [](char c) { return (c >= 'A' && c <= 'Z') || c == '/' || c == ':'; });
  if (is_name && !host.empty()) return;
  throw UsageError(fmt::format(
      "--allow-host: '{}' is no name: small letters without a scheme, port or path were expected, "
      "such as chat.example.org.",
      clipped(host, 60)));
}

}  // namespace

void add_serve_options(CLI::App& command, ServeOptions& o) {
  command
      .add_option("MODEL", o.models,
                  "Hugging Face folder, GGUF file, bundle or bundled model; NAME=MODEL gives it "
                  "a name")
      ->required();
  add_address_options(command, o);
  add_access_options(command, o);
  add_load_options(command, o);
  add_speculation_options(command, o.speculation);
  add_common_options(command, o.common);
  add_kv_format_option(command, o.common);
  add_format_options(command, o.formats);
}

void check_serve_options(const CLI::App& command, const ServeOptions& o) {
  if (o.certificate.empty() != o.private_key.empty()) {
    throw UsageError("--cert and --key belong together: give both, or none.");
  }
  if (o.isolates_keys && o.api_keys.empty()) {
    throw UsageError("--isolate-keys tells requests apart by their keys: give --api-keys, too.");
  }
  if (o.forgets_prefixes && !o.cache_dir.empty()) {
    throw UsageError("--no-prefix-cache leaves nothing to keep in --cache-dir: leave one out.");
  }
  if (command.get_option("--cache-dir-size")->count() > 0 && o.cache_dir.empty()) {
    throw UsageError("--cache-dir-size is of --cache-dir: give that, too.");
  }
  if (!o.unix_socket.empty()) {
    for (const char* flag : {"--host", "--port", "--cert"}) {
      if (command.get_option(flag)->count() > 0) {
        throw UsageError(fmt::format("{} is of a network: leave it or --socket out.", flag));
      }
    }
  }
  if (o.trace == "-" && (o.common.json || o.access_log == "-")) {
    throw UsageError("Standard output has lines of one kind only: write --trace to a file.");
  }
  if (o.access_log == "-" && o.common.json) {
    throw UsageError("--json prints one object to standard output: write --access-log to a file.");
  }
  const auto is_bundle = [](const std::string& text) {
    return bundle_default(serve::parse_model_source(text).path).has_value();
  };
  if (!o.decisions.empty() && std::ranges::none_of(o.models, is_bundle)) {
    throw UsageError("--decisions writes down what bundles choose: none of the models is one.");
  }
  for (const std::string& origin : o.origins.origins) check_origin(origin);
  for (const std::string& host : o.origins.hosts) check_host(host);
  check_speculation_usage(command, std::span(&o.speculation.mode, 1));
  try {
    o.speculation.options();
  } catch (const ConfigError& error) {
    throw UsageError(error.what());
  }
}

serve::HttpServerOptions http_options(const ServeOptions& o) {
  serve::HttpServerOptions out = o.http;
  out.unix_socket = o.unix_socket;
  out.certificate = o.certificate;
  out.private_key = o.private_key;
  out.max_body = static_cast<std::size_t>(o.max_body);
  out.max_connections = static_cast<std::size_t>(o.max_connections);
  return out;
}

serve::ServedModelOptions served_model_options(const ServeOptions& o) {
  serve::ServedModelOptions out;
  out.engine = engine_options(o.common, o.formats);
  out.engine.context = o.context;
  out.engine.speculation = o.speculation.options();
  out.batch.max_replies = o.max_replies;
  out.batch.cache_positions = o.cache_tokens;
  out.batch.keep_prefixes = !o.forgets_prefixes;
  out.batch.cache_dir = o.cache_dir;
  out.batch.cache_dir_bytes = static_cast<std::uint64_t>(o.cache_dir_bytes);
  out.prompt_s = o.prompt_s;
  out.max_waiting = static_cast<std::size_t>(o.max_waiting);
  return out;
}

std::vector<serve::ModelSource> model_sources(const ServeOptions& o) {
  std::vector<serve::ModelSource> out;
  for (const std::string& text : o.models) {
    serve::ModelSource source = serve::parse_model_source(text);
    // A bundle is more than its default weights.
    if (!bundle_default(source.path)) source.path = locate_model(source.path);
    out.push_back(std::move(source));
  }
  return out;
}

}  // namespace pangu::app
