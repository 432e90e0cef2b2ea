// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/generator.h"

#include <utility>

namespace pangu {

Generator::Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv,
                     const SpeculationOptions& speculation, const Model* draft)
    : positions_(positions),
      loop_(model, ctx,
            {.max_replies = 1,
             .context = positions,
             .cache_positions = positions,
             .kv = kv,
             .speculation = speculation,
             .keep = KeepPrefixes::kYes},
            draft) {}

Generation Generator::generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                               const TokenCallback& on_token) {
  const int64_t request = loop_.submit(prompt, options, on_token);
  try {
    while (loop_.step()) {
    }
  } catch (...) {
    loop_.discard(request);
    throw;
  }
  return std::move(loop_.take_finished().front().generation);
}

}  // namespace pangu
