// SPDX-License-Identifier: Apache-2.0
#include "adaptive/testing/made_up_profile.h"

namespace pangu::adaptive::test_data {

ProfileData made_up_profile() {
  ProfileData out;
  out.tasks = {{.id = 1, .kind = "math", .name = "made up", .digest = "d", .items = kManyItems}};
  add_variant(out, "", 1, 1);
  answer(out, 1, kManyItems, 0);
  return out;
}

std::int64_t add_variant(ProfileData& data, const std::string& format, double faster,
                         double memory) {
  VariantFigures v{.id = static_cast<std::int64_t>(data.variants.size()) + 1,
                   .variant = {"", format, ""}};
  const auto bytes = static_cast<std::int64_t>(1e9 * memory);
  v.footprint = {1, bytes, bytes, 0};
  v.speed = {{100, 1, 100 * faster, 10 * faster, 100, 10, "now"}};
  data.variants.push_back(v);
  return v.id;
}

void answer(ProfileData& data, std::int64_t variant, std::int64_t count, std::int64_t wrong,
            Thinking thinking, std::int64_t reply_tokens) {
  AnswerSet set{.task = 1, .variant = variant, .thinking = thinking, .answers = {}};
  for (std::int64_t i = 0; i < count; ++i) {
    set.answers.push_back({i, i < wrong ? 0.0 : 1.0, 100, reply_tokens});
  }
  data.answers.push_back(set);
}

}  // namespace pangu::adaptive::test_data
