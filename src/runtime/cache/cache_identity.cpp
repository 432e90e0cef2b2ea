// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/cache_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/hash.h"
#include "io/file_digest.h"
#include "models/model_files.h"
#include "runtime/model_fingerprint.h"

namespace pangu {
namespace {

void add_format(ContentHash& hash, const std::optional<WeightFormat>& format) {
  hash.add(format ? name(*format) : std::string_view());
}

/// What says how the weights are to be used.
void add_config(ContentHash& hash, const Model& model) {
  const ModelFiles files = ModelFiles::open(model.path);
  if (files.checkpoint) {
    hash.add(file_digest(model.path / "config.json"));
    return;
  }
  constexpr std::size_t kMetadata = std::size_t{16} << 20;  // with room to spare
  const auto bytes = files.gguf->files().front().bytes();
  hash.add(bytes.first(std::min(bytes.size(), kMetadata)));
}

}  // namespace

std::string cache_identity(const Model& model, const Context& ctx, KvFormat kv) {
  ContentHash hash;
  hash.add(model_fingerprint(model));
  add_config(hash, model);
  add_format(hash, model.formats.layers);
  add_format(hash, model.formats.head);
  add_format(hash, model.formats.embedding);
  hash.add(name(kv));
  hash.add(name(ctx.dtype()));
  hash.add(name(ctx.isa()));
  hash.add(file_digest("/proc/self/exe"));
  return fmt::format("{:016x}", hash.value());
}

}  // namespace pangu
