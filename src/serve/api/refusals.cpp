// SPDX-License-Identifier: Apache-2.0
#include "serve/api/refusals.h"

#include "serve/api_error.h"

namespace pangu::serve {

void refuse_unless_empty(Fields& fields, std::string_view key, const std::string& message) {
  const OrderedJson* value = fields.find(key);
  if (value == nullptr) return;
  const bool says_nothing = (value->is_boolean() && !value->get<bool>()) || is_empty_text(*value) ||
                            (value->is_structured() && value->empty());
  if (!says_nothing) throw bad_request(fields.name(key), message);
}

}  // namespace pangu::serve
