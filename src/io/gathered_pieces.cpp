// SPDX-License-Identifier: Apache-2.0
#include "io/gathered_pieces.h"

#include <utility>

namespace pangu {

void GatheredPieces::add(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  const auto before = runs_.find(offset);
  if (before == runs_.end()) {
    runs_.emplace(offset + bytes.size(), std::vector(bytes.begin(), bytes.end()));
    return;
  }
  auto run = runs_.extract(before);
  run.mapped().insert(run.mapped().end(), bytes.begin(), bytes.end());
  run.key() += bytes.size();
  runs_.insert(std::move(run));
}

void GatheredPieces::drain(
    const std::function<void(std::uint64_t offset, std::span<const std::byte> run)>& write) {
  while (!runs_.empty()) {
    const auto& [end, run] = *runs_.begin();
    write(end - run.size(), run);
    size_ -= run.size();
    runs_.erase(runs_.begin());
  }
}

}  // namespace pangu
