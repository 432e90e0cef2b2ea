// SPDX-License-Identifier: Apache-2.0
// Until when an answer is good for something.
#pragma once

#include <chrono>
#include <exception>
#include <optional>

namespace pangu::serve {

using Clock = std::chrono::steady_clock;

struct Deadline {
  Clock::time_point at;
  double seconds = 0;      ///< since the request came
  bool of_server = false;  ///< whether the server's limit set it, and not the request
};

/// The earlier of what a request asks for and what the server allows; none where neither says
/// anything. Seconds since `start`; a `most_s` of 0 is no limit.
std::optional<Deadline> deadline_after(Clock::time_point start, std::optional<double> asked_s,
                                       double most_s);

/// ApiError 504: the reply was not complete in time.
std::exception_ptr out_of_time(const Deadline& deadline);

}  // namespace pangu::serve
