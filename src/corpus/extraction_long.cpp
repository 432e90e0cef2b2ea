// SPDX-License-Identifier: Apache-2.0
// Passages in which several sentences look like the one that is asked about.
#include <fmt/format.h>

#include "corpus/extraction_parts.h"

namespace pangu::corpus {

Asked ask_about_meetings(Draw& draw, Language language, std::size_t count) {
  static const Phrases kWho = {{"Who did {N} meet?", "Whom did {N} meet?"},
                               {"{N}遇见了谁？", "{N}见到的人是谁？"}};
  static const Phrases kWhat = {{"What did {N} bring?", "What did {N} carry?"},
                                {"{N}带了什么？", "{N}拿着什么？"}};
  Asked asked;
  asked.instance = "extraction meetings";
  const auto people = draw.distinct(count * 2, kPeople.size());
  const std::size_t which = draw.below(count);
  const bool asks_who = draw.percent(50);
  std::vector<std::string> passage;
  for (std::size_t i = 0; i < count; ++i) {
    Gaps gaps;
    gaps.set("N", kPeople[people[i * 2]].in(language));
    gaps.set("M", kPeople[people[i * 2 + 1]].in(language));
    const std::size_t place = draw.below(kPlaces.size()), day = draw.below(kDays.size());
    gaps.set("L", kPlaces[place].in(language)).set("D", kDays[day].in(language));
    const std::size_t thing = draw.below(kThings.size());
    const int number = draw.between(2, 30);
    gaps.set("S", counted(number, kThings[thing], language));
    asked.instance += fmt::format(" {} {} {} {}", place, day, thing, number);
    passage.push_back(gaps.fill(kMeeting.pick(draw, language)));
    passage.push_back(gaps.fill(kBringing.pick(draw, language)));
    if (i != which) continue;
    asked.prompt = gaps.fill((asks_who ? kWho : kWhat).pick(draw, language));
    asked.answer = gaps[asks_who ? "M" : "S"];
  }
  asked.instance += fmt::format(" {} {}", which, asks_who ? "who" : "what");
  asked.prompt = passage_prompt(passage, asked.prompt, language);
  return asked;
}

}  // namespace pangu::corpus
