// SPDX-License-Identifier: Apache-2.0
// Pieces of HTTP messages as text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "serve/http/exchange.h"

namespace pangu::serve {

/// How a body is told from what follows it.
enum class Framing { kLength, kChunked, kUntilClose };

/// First line and headers of an answer, with the empty line behind them. `length` counts with
/// kLength.
std::string response_head(const HttpResponse& response, Framing framing, std::size_t length,
                          bool keeps_open, std::string_view request_id);

/// One chunk of RFC 9112, section 7.1.
std::string chunk(std::string_view data);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// The path of a request target, percent-decoded, and what follows its question mark. None if that
/// is no path: escapes that are none, control characters, bytes that are no UTF-8.
struct Target {
  std::string path, query;
};
std::optional<Target> parse_target(std::string_view target);

/// The value of a parameter of a query, percent-decoded; none if it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// Whether a client may name a request so: 1 to 128 letters, digits and -_.:
bool is_request_id(std::string_view text);

}  // namespace pangu::serve
