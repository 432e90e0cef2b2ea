// SPDX-License-Identifier: Apache-2.0
#include "serve/scheduler/deadline.h"

#include <fmt/format.h>

#include "serve/api_error.h"

namespace pangu::serve {

std::optional<Deadline> deadline_after(Clock::time_point start, std::optional<double> asked_s,
                                       double most_s) {
  const bool of_server = most_s > 0 && (!asked_s || *asked_s > most_s);
  if (!asked_s && !of_server) return std::nullopt;
  const double seconds = of_server ? most_s : *asked_s;
  return Deadline{.at = start + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(seconds)),
                  .seconds = seconds,
                  .of_server = of_server};
}

std::exception_ptr out_of_time(const Deadline& deadline) {
  ApiError error(504, "timeout_error",
                 fmt::format("The reply was not complete after {} s, {}. Ask for fewer tokens, "
                             "allow more time, or ask again when less is going on.",
                             deadline.seconds,
                             deadline.of_server ? "which is this server's limit (--max-time)"
                                                : "the timeout that the request asked for"));
  error.code = "timeout";
  return std::make_exception_ptr(error);
}

}  // namespace pangu::serve
