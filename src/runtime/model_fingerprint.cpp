// SPDX-License-Identifier: Apache-2.0
#include "runtime/model_fingerprint.h"

#include <fmt/format.h>

#include <cstddef>
#include <span>

#include "base/hash.h"
#include "io/mapped_file.h"
#include "models/model_files.h"

namespace pangu {
namespace {

constexpr std::size_t kBlocks = 256, kBlockBytes = 4096;

void add_file(ContentHash& hash, std::span<const std::byte> bytes) {
  hash.add(std::uint64_t{bytes.size()});
  if (bytes.size() <= kBlocks * kBlockBytes) {
    hash.add(bytes);
    return;
  }
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const std::size_t at = (bytes.size() - kBlockBytes) / (kBlocks - 1) * i;
    hash.add(bytes.subspan(at, kBlockBytes));
  }
}

}  // namespace

std::string model_fingerprint(const Model& model) {
  ContentHash hash;
  const ModelFiles files = ModelFiles::open(model.path);
  if (files.checkpoint) {
    for (const SafetensorsFile& file : files.checkpoint->files()) add_file(hash, file.bytes());
  } else {
    for (const MappedFile& file : files.gguf->files()) add_file(hash, file.bytes());
  }
  if (model.tokenizer) {
    for (TokenId id = 0; id < model.tokenizer->vocab_size(); ++id) {
      hash.add(model.tokenizer->piece(id));
    }
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace pangu
