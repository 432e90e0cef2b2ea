// SPDX-License-Identifier: Apache-2.0
#include "serve/api/refusals.h"

#include <fmt/format.h>

#include "base/clipped.h"
#include "serve/api_error.h"

namespace pangu::serve {

void refuse_unless_empty(Fields& fields, std::string_view key, const std::string& message) {
  const Json* value = fields.find(key);
  if (value == nullptr) return;
  const bool says_nothing = (value->is_boolean() && !value->get<bool>()) ||
                            (value->is_string() && value->get_ref<const std::string&>().empty()) ||
                            (value->is_structured() && value->empty());
  if (!says_nothing) throw bad_request(fields.name(key), message);
}

void refuse_tools(Fields& body) {
  refuse_unless_empty(body, "tools", "This server does not offer tools to models yet.");
}

void refuse_format(Fields& fields, std::string_view key) {
  auto format = fields.object(key);
  if (!format) return;
  const auto type = format->text("type");
  if (!type || *type == "text") return;
  throw bad_request(fields.name(key),
                    fmt::format("This server does not hold replies to {} yet; text is what it "
                                "gives.",
                                clipped(*type)));
}

}  // namespace pangu::serve
