// SPDX-License-Identifier: Apache-2.0
#include "devices/op_table.h"

namespace pangu {

std::vector<std::string_view> op_names() {
#define PANGU_DEVICE_OP(name, Args) #name,
  return {PANGU_DEVICE_OPS(PANGU_DEVICE_OP)};
#undef PANGU_DEVICE_OP
}

std::vector<std::string_view> missing_ops(const OpTable& table) {
  std::vector<std::string_view> missing;
#define PANGU_DEVICE_OP(name, Args) \
  if (!table.name) missing.emplace_back(#name);
  PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
  return missing;
}

}  // namespace pangu
