// SPDX-License-Identifier: Apache-2.0
#include "corpus/family.h"

namespace pangu::corpus {

Families make_families(const World& world) {
  Families families;
  families.push_back(make_word_problems());
  families.push_back(make_knowledge(world));
  families.push_back(make_code());
  families.push_back(make_extraction());
  families.push_back(make_chat(world));
  families.push_back(make_task_kind(world));
  return families;
}

Sample sample_of(const Family& family, Draw& draw, Language language, Split split) {
  for (;;) {
    Sample sample = family.sample(draw, language);
    const Split found = sample.instance.empty() ? Split::kTrain : split_of(sample.instance);
    if (found == split) return sample;
  }
}

}  // namespace pangu::corpus
