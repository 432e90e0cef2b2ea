// SPDX-License-Identifier: Apache-2.0
#include "corpus/family.h"

#include <algorithm>
#include <iterator>

#include "base/error.h"

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

Families choose_families(Families all, const std::vector<std::string>& names) {
  if (names.empty()) return all;
  std::string known;
  for (const auto& family : all) {
    known += (known.empty() ? "" : ", ") + std::string(family->name());
  }
  for (const std::string& name : names) {
    if (std::ranges::none_of(all, [&](const auto& f) { return f->name() == name; })) {
      fail<InputError>("[corpus] there is no family '{}'. Use one or some of {}.", name, known);
    }
  }
  std::erase_if(all, [&](const auto& family) {
    return std::ranges::find(names, family->name()) == names.end();
  });
  return all;
}

std::vector<Language> chosen_languages(const std::vector<Language>& chosen) {
  if (!chosen.empty()) return chosen;
  return {std::begin(kLanguages), std::end(kLanguages)};
}

Sample sample_at(const Family& family, Draw& draw, Language language, int level) {
  return level == 1 ? family.sample(draw, language) : family.harder(draw, language, level);
}

Sample sample_of(const Family& family, Draw& draw, Language language, Split split, int level) {
  for (;;) {
    Sample sample = sample_at(family, draw, language, level);
    const Split found = sample.instance.empty() ? Split::kTrain : split_of(sample.instance);
    if (found == split) return sample;
  }
}

}  // namespace pangu::corpus
