// SPDX-License-Identifier: Apache-2.0
// An exchange that tells how it ended, for books and logs.
#pragma once

#include <functional>
#include <memory>

#include "base/resources.h"
#include "serve/http/exchange.h"

namespace pangu::serve {

/// What came of a request. Status 499, as nginx has it: the client was gone before the answer.
struct Outcome {
  int status = 0;
  double first_byte_s = 0;  ///< from the request to the first part of the answer with content
  double seconds = 0;
  std::size_t bytes = 0;  ///< of the body
};

/// Passes everything on to `inner`, with `headers` added to the answer. `told` is called once.
ExchangePtr observed(ExchangePtr inner, Headers headers, std::function<void(const Outcome&)> told);

}  // namespace pangu::serve
