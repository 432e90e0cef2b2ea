// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/decision_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "data/json_lines.h"
#include "io/mapped_file.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

constexpr double kMostSeconds = 1e9;
constexpr JsonLimits kRecordLimits{.max_bytes = 1 << 20, .max_depth = 8, .max_values = 10'000};
constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json running_json(const std::optional<Running>& running) {
  if (!running) return {};
  return {{"kind", text_or_null(running->kind)},
          {"weights", running->weights},
          {"kv", text_or_null(running->kv)},
          {"tokens", running->tokens}};
}

Running running_of(const JsonObject& json) {
  return {.kind = json.get_string_or("kind", ""),
          .weights = json.get_string("weights"),
          .kv = json.get_string_or("kv", ""),
          .tokens = json.get_int("tokens", 0, kMostTokens)};
}

Route route_of(const JsonObject& json) {
  return {.kind = json.get_string_or("kind", ""),
          .way = parse_bundle_way(json),
          .switches = json.get_bool("switches"),
          .switch_s = json.get_number("switch_s", 0, kMostSeconds),
          .gain_s = json.get_number("gain_s", -kMostSeconds, kMostSeconds),
          .reason = json.get_string("reason")};
}

}  // namespace

Json route_json(const RouteRecord& r) {
  Json route = bundle_way_json(r.route.way);
  route["kind"] = text_or_null(r.route.kind);
  route["switches"] = r.route.switches;
  route["switch_s"] = r.route.switch_s;
  route["gain_s"] = r.route.gain_s;
  route["reason"] = r.route.reason;
  Json loaded = Json::array();
  for (const LoadedWay& way : r.loaded) {
    loaded.push_back({{"weights", way.weights}, {"kv", text_or_null(way.kv)}});
  }
  return {{"time", r.time},
          {"bundle", r.bundle},
          {"recognised",
           {{"kind", r.recognised.kind},
            {"likeliest", r.recognised.likeliest},
            {"confidence", r.recognised.confidence}}},
          {"running", running_json(r.running)},
          {"loaded", std::move(loaded)},
          {"route", std::move(route)}};
}

RouteRecord parse_route(const Json& value, const std::string& file) {
  const JsonObject json(
      file, value,
      {.advice = "Give a file that pangu run --auto --decisions wrote.",
       .advice_for_missing = "Give a file that pangu run --auto --decisions wrote."});
  const JsonObject recognised = json.get_object("recognised");
  RouteRecord out{.time = json.get_string("time"),
                  .bundle = json.get_string("bundle"),
                  .recognised = {.kind = recognised.get_string("kind"),
                                 .likeliest = recognised.get_string("likeliest"),
                                 .confidence = recognised.get_number("confidence", 0, 1)}};
  if (json.contains("running")) out.running = running_of(json.get_object("running"));
  const Json* loaded = json.find("loaded");
  if (!loaded || !loaded->is_array()) json.reject("loaded", "a list");
  for (std::size_t i = 0; i < loaded->size(); ++i) {
    const JsonObject way = json.get_element("loaded", i);
    out.loaded.insert({way.get_string("weights"), way.get_string_or("kv", "")});
  }
  out.route = route_of(json.get_object("route"));
  return out;
}

std::string route_text(const Recognition& recognised, const Route& route) {
  const BundleWay& way = route.way;
  std::string out = fmt::format(
      "{} ({:.0f}% sure{}): {}", recognised.kind, 100 * recognised.confidence,
      recognised.kind == recognised.likeliest ? "" : " of " + recognised.likeliest, way.weights);
  if (!way.kv.empty()) out += ", kv " + way.kv;
  if (way.thinking != Thinking::kDefault) {
    out += fmt::format(", thinking {}", thinking_name(way.thinking));
  }
  if (way.answer_s > 0) out += fmt::format(", {} an answer expected", seconds_text(way.answer_s));
  out += "; " + route.reason;
  if (route.switch_s > 0) {
    out += fmt::format(
        " (a change takes {} and saves {})", seconds_text(route.switch_s),
        route.gain_s > 0 ? seconds_text(route.gain_s) + " an answer" : std::string("nothing"));
  }
  return out;
}

void append_route(const std::filesystem::path& file, const RouteRecord& record) {
  const auto fail_with = [&](const char* doing) {
    fail<FileError>("[route] {} cannot be {}: {}. Name another file with --decisions.",
                    file.string(), doing, std::generic_category().message(errno));
  };
  const int fd = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) fail_with("opened");
  char last = '\n';
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size > 0 && ::pread(fd, &last, 1, size - 1) != 1) last = '\n';
  const std::string line = (last == '\n' ? "" : "\n") + json_text(route_json(record)) + "\n";
  const ssize_t n = ::write(fd, line.data(), line.size());
  const bool whole = n == static_cast<ssize_t>(line.size());
  if (n >= 0 && !whole) errno = ENOSPC;
  if (::close(fd) != 0 || !whole) fail_with("written");
}

RouteReplay replay_routes(const std::filesystem::path& file, const Bundle& bundle) {
  RouteReplay out;
  std::error_code error;
  if (std::filesystem::file_size(file, error) == 0 && !error) return out;
  const MappedFile mapped(file);
  JsonLines lines({reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()},
                  file.string());
  while (const auto line = lines.next()) {
    Json json;
    try {
      json = parse_json(line->text, line->where, kRecordLimits);
    } catch (const FileError&) {
      ++out.cut;
      continue;
    }
    const RouteRecord record = parse_route(json, line->where);
    if (record.bundle != bundle.id) {
      ++out.of_others;
      continue;
    }
    const Route again = choose_route(bundle, record.recognised, record.running, record.loaded);
    if (again != record.route) {
      fail<InputError>("[route] {}: {} was decided, and now it would be {} ({}).", line->where,
                       record.route.way.weights, again.way.weights, again.reason);
    }
    ++out.same;
  }
  return out;
}

}  // namespace pangu::adaptive
