// SPDX-License-Identifier: Apache-2.0
// Routing decisions on record: what each was made from and what came of it, one JSON object a line.
// The text of requests is not part of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "adaptive/route/router.h"
#include "io/json.h"

namespace pangu::adaptive {

struct RouteRecord {
  std::string time;    ///< UTC, "2026-11-30T18:00:00Z"
  std::string bundle;  ///< Bundle::id
  Recognition recognised;
  std::optional<Running> running;
  std::set<LoadedWay> loaded;
  Route route;
};

Json route_json(const RouteRecord& record);
/// Throws ConfigError naming `file`, key and value.
RouteRecord parse_route(const Json& json, const std::string& file);

/// One or two lines for people: what was recognised, what answers, why.
std::string route_text(const Recognition& recognised, const Route& route);

/// Adds a line to a file that may grow under several processes: each line is written at once. A
/// line that was cut off before, by a kill or a full disk, is ended first. Throws FileError.
void append_route(const std::filesystem::path& file, const RouteRecord& record);

/// What came of making the decisions of a file once more.
struct RouteReplay {
  std::int64_t same = 0;
  std::int64_t of_others = 0;  ///< of another bundle, which were not looked at
  std::int64_t cut = 0;        ///< lines that are no JSON, as a kill leaves them
};

/// Makes them again. Throws InputError naming the line of the first that comes out otherwise,
/// ConfigError for lines that are no record, FileError for a file that cannot be read.
RouteReplay replay_routes(const std::filesystem::path& file, const Bundle& bundle);

}  // namespace pangu::adaptive
