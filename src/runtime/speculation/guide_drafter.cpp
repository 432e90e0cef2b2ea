// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/guide_drafter.h"

#include <array>

namespace pangu {
namespace {

/// Of TokenGuide::Expected::Why, in its order.
constexpr std::array kGuidePriors = {1.0, 0.95, 0.6, 0.6};

/// All is known by the guide.
struct GuidedSequence final : DraftSequence {
  void extend(std::span<const TokenId> /*tokens*/) override {}
};

class GuideDrafter final : public Drafter {
 public:
  std::string_view name() const override { return "grammar"; }
  bool runs_model() const override { return false; }
  std::span<const double> priors() const override { return kGuidePriors; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> /*prompt*/,
                                      const Sampler& /*sampler*/) override {
    return std::make_unique<GuidedSequence>();
  }

  void propose(std::span<DraftRequest> requests) override {
    for (DraftRequest& r : requests) {
      if (!r.guide) continue;
      Draft::Index last = Draft::kRoot;
      for (const auto& [token, why] :
           r.guide->expected(static_cast<std::size_t>(r.max_tokens), true)) {
        const int kind = static_cast<int>(why);
        const double chance = r.acceptance.chance(kind);
        if (r.draft.chance(last) * chance < r.min_chance) break;
        last = r.draft.add(last, token, kind, chance);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Drafter> make_guide_drafter() {
  return std::make_unique<GuideDrafter>();
}

}  // namespace pangu
