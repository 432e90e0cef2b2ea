// SPDX-License-Identifier: Apache-2.0
// pangu serve: answers over HTTP what pangu run answers on a terminal.
#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "adaptive/profile/model_digest.h"
#include "adaptive/profile/profile_store.h"
#include "apps/adaptive/profile_options.h"
#include "apps/serve/serve_options.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/output.h"
#include "base/error.h"
#include "serve/models/measured_profile.h"

namespace pangu::app {
namespace {

/// Lines that many threads add to a file, or to standard output.
class LineLog {
 public:
  /// `what` is what errors call it.
  LineLog(const std::string& path, std::string_view what) {
    if (path == "-") return;
    file_.open(path, std::ios::app);
    if (!file_)
      fail<FileError>("[{}] the {} cannot be written: {}.", path, what, std::strerror(errno));
  }

  void add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (!file_.is_open()) return print(line + "\n");
    file_ << line << '\n' << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

serve::ServiceOptions service_options(const ServeOptions& options) {
  serve::ServiceOptions out;
  out.version = PANGU_VERSION;
  out.max_time_s = options.max_time_s;
  out.classifier = context_options(options.common);
  if (!options.api_keys.empty()) out.keys = serve::ApiKeys::read(options.api_keys);
  out.origins = options.origins;
  out.isolates_keys = options.isolates_keys;
  const auto to_file = [](const std::string& path, std::string_view what) {
    return
        [log = std::make_shared<LineLog>(path, what)](const std::string& line) { log->add(line); };
  };
  if (!options.access_log.empty()) out.access_log = to_file(options.access_log, "access log");
  if (!options.decisions.empty()) LineLog(options.decisions, "record of decisions");  // or throws
  out.decisions = options.decisions;
  if (!options.trace.empty()) out.trace = to_file(options.trace, "trace");
  return out;
}

/// Whose figures would be this server's. Without a database there is nobody to tell apart, and the
/// program is not read for its digest.
serve::ProfilePlace profile_place(const CommonOptions& common) {
  serve::ProfilePlace out;
  try {
    out.database = adaptive::default_profile_file();
  } catch (const ConfigError&) {
    return out;  // no home
  }
  std::error_code error;
  if (!std::filesystem::exists(out.database, error)) return out;
  out.machine = adaptive::machine_identity(Context(context_options(common)), thread_count(common));
  out.engine = engine();
  return out;
}

/// What the page of the server shows of the models' speed and quality.
Json profile_of(const std::vector<serve::ModelSource>& sources, const ServeOptions& options,
                const CommandFrame& frame) {
  return serve::measured_profile(
      sources, profile_place(options.common),
      [&frame](const std::string& text) { frame.say(fmt::format("profile  {}\n", text)); });
}

/// Waits until somebody asks the program to end.
void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

void say_ready(const CommandFrame& frame, const serve::HttpServer& server,
               const serve::ModelSet& models, bool everybody) {
  std::string names;
  for (const serve::ModelEntry& model : models.entries()) {
    names += (names.empty() ? "" : ", ") + model.name;
    if (model.state != serve::ModelState::kReady) names += " (when asked for)";
  }
  frame.say(fmt::format("serving  {} at {} ({:.1f} s); Ctrl-C ends it\n", names, server.address(),
                        frame.seconds()));
  if (everybody) {
    frame.say(
        "warning  anybody who reaches this address may use the server: --api-keys FILE asks "
        "for a key\n");
  }
}

Json result_json(const serve::ModelSet& models) {
  Json out = {{"models", Json::array()}};
  for (const serve::ModelEntry& model : models.entries()) {
    const serve::ModelStatus& status = model.status;
    out["models"].push_back({{"name", model.name},
                             {"replies", status.replies},
                             {"prompt_tokens", status.batch.prompt_tokens},
                             {"cached_tokens", status.batch.shared_tokens},
                             {"evictions", status.batch.evictions}});
  }
  return out;
}

void end(serve::Service& service, serve::HttpServer& server, double drain_s) {
  service.drain();
  server.drain();
  server.wait_idle(std::chrono::milliseconds(static_cast<std::int64_t>(drain_s * 1e3)));
  server.stop();
}

bool is_for_everybody(const ServeOptions& o, const serve::ServiceOptions& access) {
  return !access.keys.are_needed() && o.unix_socket.empty() && o.http.host != "localhost" &&
         !o.http.host.starts_with("127.") && o.http.host != "::1";
}

/// Lets models go before the service that counts their replies, however that ends.
struct ModelsEnd {
  serve::ModelSet& models;
  ~ModelsEnd() { models.stop(); }
};

void serve_command(const CLI::App& command, const ServeOptions& options) {
  check_serve_options(command, options);
  const std::vector<serve::ModelSource> sources = model_sources(options);
  serve::ServiceOptions access = service_options(options);
  const bool everybody = is_for_everybody(options, access);
  CommandFrame frame(options.common);
  access.profile = profile_of(sources, options, frame);
  const std::stop_token stop = frame.interrupts().work();
  ProgressBar bar = frame.bar("parameters");
  serve::ServedModelOptions each = served_model_options(options);
  each.batch.on_cache_failure = [&frame](const std::string& text) {
    frame.say(fmt::format("warning  {}\n", text));
  };
  // Once the first ones are loaded nobody looks at a bar.
  std::atomic<bool> starts = true;
  each.engine.progress = [&starts, draw = frame.progress(bar)](auto what, auto done, auto total) {
    if (starts) draw(what, done, total);
  };
  serve::ModelSet models(
      sources,
      {.each = each, .max_memory = options.max_memory, .remark = [&frame](const std::string& text) {
         frame.say(fmt::format("models   {}\n", text));
       }});
  serve::Service service(models, std::move(access));
  const ModelsEnd models_end{models};
  serve::HttpServer server(http_options(options),
                           [&service](serve::HttpRequest request, serve::ExchangePtr exchange) {
                             service.handle(std::move(request), std::move(exchange));
                           });
  models.wait_until_loaded();
  starts = false;
  bar.clear();
  const HangUps hang_ups(frame.interrupts(), [&models] { models.reload(); });
  say_ready(frame, server, models, everybody);
  wait_for(stop);
  end(service, server, options.drain_s);
  models.stop();
  frame.finish([&] { return result_json(models); },
               [](double seconds) { return fmt::format("served   {:.1f} s\n", seconds); });
}

}  // namespace

void add_serve_command(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve",
      "Answers requests over HTTP, as OpenAI's, Anthropic's and Ollama's servers do\n"
      "\n"
      "Examples:\n"
      "  pangu serve MODEL\n"
      "  pangu serve chat=MODEL code=OTHER --port 9000 --api-keys keys.txt\n"
      "  pangu serve MODEL --host 0.0.0.0 --cert cert.pem --key key.pem\n"
      "  curl http://127.0.0.1:8080/v1/chat/completions -H 'Content-Type: "
      "application/json' \\\n"
      "    -d '{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]}'\n"
      "\n"
      "Replies are those of pangu run with the same seed, whoever else asks at "
      "the same time.\n"
      "SIGHUP loads anew what changed on disk, without ending a reply.\n"
      "docs/server.md has every path and key.");
  add_serve_options(*command, *options);
  command->callback([options, command] { serve_command(*command, *options); });
}

}  // namespace pangu::app
