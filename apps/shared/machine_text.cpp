// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/machine_text.h"

#include <fmt/format.h>

#include "base/resources.h"

namespace pangu::app {

std::string machine_text(const CommonOptions& options) {
  const int threads = thread_count(options);
  return fmt::format("{} thread{}, {}, {}", threads, threads == 1 ? "" : "s",
                     name(require_isa(options.isa)), options.dtype);
}

void add_machine_keys(Json& json, const CommonOptions& options) {
  json["threads"] = thread_count(options);
  json["isa"] = name(require_isa(options.isa));
  json["dtype"] = options.dtype;
  json["peak_rss_bytes"] = peak_rss_bytes();
}

}  // namespace pangu::app
