// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/corpus_requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "corpus/family.h"
#include "corpus/world.h"

namespace pangu::adaptive {
namespace {

constexpr std::uint64_t kWorldSeed = 1;  ///< of the world that pangu-nano knows
constexpr std::uint32_t kCorpusStream = 64;

struct FamilyKind {
  std::string_view family;
  const char* kind;
};

constexpr FamilyKind kFamilyKinds[] = {{"word_problems", "math"},
                                       {"knowledge", "knowledge"},
                                       {"code", "code"},
                                       {"extraction", "extraction"},
                                       {"chat", "chat"}};

}  // namespace

std::vector<RequestExample> corpus_requests(int per_language, corpus::Split split,
                                            std::uint64_t seed) {
  const corpus::World world(kWorldSeed);
  std::vector<RequestExample> out;
  for (const auto& family : corpus::make_families(world)) {
    const auto* known = std::ranges::find(kFamilyKinds, family->name(), &FamilyKind::family);
    if (known == std::end(kFamilyKinds)) continue;
    for (const corpus::Language language : corpus::kLanguages) {
      std::uint64_t record = 0;
      for (int i = 0; i < per_language; ++i) {
        corpus::Sample sample;
        while (sample.question.empty()) {  // some are texts to be learnt, which ask nothing
          corpus::Draw draw(seed, kCorpusStream, record++);
          sample = corpus::sample_of(*family, draw, language, split);
        }
        out.push_back({.kind = known->kind,
                       .group = fmt::format("corpus {} {}", family->name(), code(language)),
                       .messages = {{.role = "user", .content = sample.question}}});
      }
    }
  }
  return out;
}

}  // namespace pangu::adaptive
