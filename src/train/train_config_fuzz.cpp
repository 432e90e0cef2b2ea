// SPDX-License-Identifier: Apache-2.0
// Any bytes as a training config, its first line as an override: a config, or an error with a
// message.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "pangu/error.h"
#include "train/config_keys.h"
#include "train/train_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    pangu::Json json = pangu::parse_json(text, "fuzz", {.allow_comments = true});
    pangu::set_config_key(json, text.substr(0, text.find('\n')));
    pangu::parse_train_config(json, "fuzz");
  } catch (const pangu::Error&) {
  }
  return 0;
}
