// SPDX-License-Identifier: Apache-2.0
// Any bytes as bundle.json: a bundle whose names lead to its own folders, or an error with a
// message.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "adaptive/bundle/bundle.h"
#include "pangu/error.h"

namespace {

/// Whether the system takes the path for one below the folder, too.
void require_within(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::filesystem::path seen = std::filesystem::path(path.c_str()).lexically_normal();
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), seen.begin(), seen.end());
  if (end != folder.end() || rest == seen.end()) std::abort();
  if (std::strlen(path.c_str()) != path.native().size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pangu::adaptive;
  const std::filesystem::path folder = "/bundles/one";
  try {
    const std::string_view content(reinterpret_cast<const char*>(data), size);
    const Bundle bundle = parse_bundle(pangu::parse_json(content, "fuzz"), folder);
    require_within(bundle.weights_folder(bundle.default_weights), folder);
    for (const BundleKind& kind : bundle.kinds) {
      for (const BundleWay& way : kind.ways) {
        require_within(bundle.weights_folder(way.weights), folder);
        if (!kind.way(way.weights, way.kv)) std::abort();
      }
      if (!bundle.kind(kind.kind)) std::abort();
    }
  } catch (const pangu::Error&) {
  }
  return 0;
}
