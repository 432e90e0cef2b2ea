// SPDX-License-Identifier: Apache-2.0
#include "corpus/extraction_parts.h"

#include <fmt/format.h>

namespace pangu::corpus {

const Phrases kMeeting = {
    {"On {D}, {N} met {M} at {L}.", "{N} met {M} at {L} on {D}.", "At {L}, {N} met {M} on {D}."},
    {"{D}，{N}在{L}遇见了{M}。", "{N}{D}在{L}见到了{M}。"}};
const Phrases kBringing = {{"{N} brought {S}.", "{N} carried {S} in a bag."},
                           {"{N}带了{S}。", "{N}手里拿着{S}。"}};
std::string counted(int count, const Thing& thing, Language language) {
  return language == Language::kEnglish ? fmt::format("{} {}", count, thing.en)
                                        : fmt::format("{}{}{}", count, thing.measure, thing.zh);
}

std::string passage_prompt(const std::vector<std::string>& passage, const std::string& question,
                           Language language) {
  return language == Language::kEnglish
             ? fmt::format("Passage: {}\nQuestion: {}", sentences(passage, language), question)
             : fmt::format("短文：{}\n问题：{}", sentences(passage, language), question);
}

Deed draw_deed(std::size_t person, Draw& draw, Language language) {
  static const Phrases kDeeds = {{"{N} bought {a} {O} at {L}.", "{N} sold {a} {O} on {D}.",
                                  "{N} lost {a} {O} near {L}.", "{N} painted {a} {O} on {D}."},
                                 {"{N}在{L}买了{a}{u}{O}。", "{N}{D}卖了{a}{u}{O}。",
                                  "{N}在{L}丢了{a}{u}{O}。", "{N}{D}画了{a}{u}{O}。"}};
  Gaps gaps;
  gaps.set("N", kPeople[person].in(language));
  set_thing(gaps, draw, language);
  const int count = draw.between(2, 40);
  gaps.set("a", count)
      .set("L", draw.pick(kPlaces).in(language))
      .set("D", draw.pick(kDays).in(language));
  std::string sentence = gaps.fill(kDeeds.pick(draw, language));
  return {std::move(sentence), gaps.fill(language == Language::kEnglish ? "{a} {O}" : "{a}{u}{O}"),
          count};
}

Asked ask_for_sentences(Draw& draw, Language language, bool summary, std::size_t count) {
  const bool english = language == Language::kEnglish;
  Asked asked;
  asked.instance = summary ? "extraction summary" : "extraction sentence";
  const auto people = draw.distinct(count, kPeople.size());
  std::vector<std::string> passage, things;
  for (const std::size_t person : people) {
    Deed deed = draw_deed(person, draw, language);
    asked.instance += fmt::format(" {} {}", person, deed.count);
    passage.push_back(std::move(deed.sentence));
    things.push_back(std::move(deed.things));
  }
  if (summary) {
    asked.prompt = passage_prompt(
        passage, english ? "Quote the first and the last sentence." : "引用第一句和最后一句。",
        language);
    asked.reasoning = english ? fmt::format("first: {}; last: {}", kPeople[people.front()].en,
                                            kPeople[people.back()].en)
                              : fmt::format("第一句：{}；最后一句：{}", kPeople[people.front()].zh,
                                            kPeople[people.back()].zh);
    asked.answer = sentences({passage.front(), passage.back()}, language);
    return asked;
  }
  const std::size_t which = draw.below(count);
  const std::string person = kPeople[people[which]].in(language);
  asked.instance += fmt::format(" {}", which);
  asked.prompt = passage_prompt(passage,
                                english ? fmt::format("Quote the sentence about {}.", person)
                                        : fmt::format("引用关于{}的句子。", person),
                                language);
  asked.reasoning = fmt::format("{}{}{}", person, english ? ": " : "：", things[which]);
  asked.answer = passage[which];
  return asked;
}

}  // namespace pangu::corpus
