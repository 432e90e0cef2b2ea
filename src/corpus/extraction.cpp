// SPDX-License-Identifier: Apache-2.0
// Questions whose answer stands in the prompt, word for word: a few words, a line, whole sentences.
#include "corpus/family.h"
#include "corpus/wording.h"

namespace pangu::corpus {
namespace {

constexpr int kSlowExtractionPercent = 30;

/// What is asked, what the answer is, and why.
struct Asked {
  std::string instance, prompt, reasoning, answer;
};

/// Draws a word and notes which one in the instance.
template <class T>
std::string noted(Asked& asked, Draw& draw, const std::vector<T>& words, Language language) {
  const std::size_t index = draw.below(words.size());
  asked.instance += fmt::format(" {}", index);
  return words[index].in(language);
}

std::string passage_prompt(const std::vector<std::string>& passage, const std::string& question,
                           Language language) {
  return language == Language::kEnglish
             ? fmt::format("Passage: {}\nQuestion: {}", sentences(passage, language), question)
             : fmt::format("短文：{}\n问题：{}", sentences(passage, language), question);
}

/// A question about one of the sentences of a little event.
struct EventQuestion {
  const char* gap;       ///< whose value is the answer
  std::size_t sentence;  ///< where it stands
  Phrases question;
};

const std::vector<EventQuestion> kEventQuestions = {
    {"M", 0, {{"Who did {N} meet?", "Whom did {N} meet?"}, {"{N}遇见了谁？", "{N}见到的人是谁？"}}},
    {"L",
     0,
     {{"Where did they meet?", "Where was the meeting?"},
      {"他们在哪里见面？", "见面的地点是哪里？"}}},
    {"D",
     0,
     {{"When did they meet?", "On which day did they meet?"},
      {"他们什么时候见面？", "见面是哪一天？"}}},
    {"S", 1, {{"What did {N} bring?", "What did {N} carry?"}, {"{N}带了什么？", "{N}拿着什么？"}}},
    {"C",
     2,
     {{"What is the order number?", "Which order number is given?"},
      {"订单号是多少？", "订单号是什么？"}}},
    {"T",
     2,
     {{"When does the shop open?", "At what time does the shop open?"},
      {"商店几点开门？", "几点开门？"}}},
};

Asked ask_about_event(Draw& draw, Language language) {
  static const Phrases kMeeting = {
      {"On {D}, {N} met {M} at {L}.", "{N} met {M} at {L} on {D}.", "At {L}, {N} met {M} on {D}."},
      {"{D}，{N}在{L}遇见了{M}。", "{N}{D}在{L}见到了{M}。"}};
  static const Phrases kBringing = {{"{N} brought {S}.", "{N} carried {S} in a bag."},
                                    {"{N}带了{S}。", "{N}手里拿着{S}。"}};
  static const Phrases kOrder = {{"The order number is {C} and the shop opens at {T}.",
                                  "The shop opens at {T}; the order number is {C}."},
                                 {"订单号是{C}，商店{T}开门。", "商店{T}开门，订单号是{C}。"}};
  Asked asked;
  asked.instance = "extraction event";
  Gaps gaps;
  set_people(gaps, draw, language, 2);
  gaps.set("L", noted(asked, draw, kPlaces, language));
  gaps.set("D", noted(asked, draw, kDays, language));
  const int count = draw.between(2, 30);
  const std::size_t thing = draw.below(kThings.size());
  const Thing& things = kThings[thing];
  gaps.set("S", language == Language::kEnglish
                    ? fmt::format("{} {}", count, things.en)
                    : fmt::format("{}{}{}", count, things.measure, things.zh));
  gaps.set("C", draw.between(1000, 9999));
  const int hour = draw.between(6, 11);
  gaps.set("T", language == Language::kEnglish ? fmt::format("{} o'clock", hour)
                                               : fmt::format("{}点", hour));
  const std::size_t which = draw.below(kEventQuestions.size());
  asked.instance += fmt::format(" {} {} {} {} {}", thing, count, gaps["C"], hour, which);

  const EventQuestion& question = kEventQuestions[which];
  const std::vector<std::string> passage = {gaps.fill(kMeeting.pick(draw, language)),
                                            gaps.fill(kBringing.pick(draw, language)),
                                            gaps.fill(kOrder.pick(draw, language))};
  asked.prompt =
      passage_prompt(passage, gaps.fill(question.question.pick(draw, language)), language);
  asked.reasoning = passage[question.sentence];
  asked.answer = gaps[question.gap];
  return asked;
}

/// A key of a list with one of its values; `number` says which, in any language.
struct Entry {
  Word key;
  std::string value;
  std::size_t number;
};

template <class T>
Entry entry(Word key, Draw& draw, const std::vector<T>& words, Language language) {
  const std::size_t index = draw.below(words.size());
  return {key, words[index].in(language), index};
}

Entry entry(Word key, Draw& draw, int low, int high) {
  const int number = draw.between(low, high);
  return {key, std::to_string(number), static_cast<std::size_t>(number)};
}

/// The value of one key in a list.
Asked ask_about_list(Draw& draw, Language language) {
  const bool english = language == Language::kEnglish;
  Asked asked;
  asked.instance = "extraction list";
  const std::vector<Entry> all = {entry({"name", "姓名"}, draw, kPeople, language),
                                  entry({"place", "地点"}, draw, kPlaces, language),
                                  entry({"day", "日期"}, draw, kDays, language),
                                  entry({"item", "货物"}, draw, kThings, language),
                                  entry({"count", "数量"}, draw, 2, 99),
                                  entry({"order", "订单号"}, draw, 1000, 9999),
                                  entry({"phone", "电话"}, draw, 1000, 9999)};
  const auto chosen = draw.distinct(static_cast<std::size_t>(draw.between(4, 5)), all.size());
  const char* const colon = english ? ": " : "：";
  std::string lines;
  for (const std::size_t i : chosen) {
    lines += fmt::format("{}{}{}\n", all[i].key.in(language), colon, all[i].value);
    asked.instance += fmt::format(" {}={}", i, all[i].number);
  }
  const std::size_t which = chosen[draw.below(chosen.size())];
  const std::string key = all[which].key.in(language);
  asked.instance += fmt::format(" {}", which);
  static const Phrases kQuestions = {{"What is the {K}?", "Which {K} is given?"},
                                     {"{K}是什么？", "写出{K}。"}};
  Gaps gaps;
  gaps.set("K", key);
  const std::string question = gaps.fill(kQuestions.pick(draw, language));
  asked.prompt = english ? fmt::format("Data:\n{}Question: {}", lines, question)
                         : fmt::format("资料：\n{}问题：{}", lines, question);
  asked.reasoning = key + colon + all[which].value;
  asked.answer = all[which].value;
  return asked;
}

/// Sentences about different people, to be quoted whole.
Asked ask_for_sentences(Draw& draw, Language language, bool summary) {
  static const Phrases kSentences = {{"{N} bought {a} {O} at {L}.", "{N} sold {a} {O} on {D}.",
                                      "{N} lost {a} {O} near {L}.", "{N} painted {a} {O} on {D}."},
                                     {"{N}在{L}买了{a}{u}{O}。", "{N}{D}卖了{a}{u}{O}。",
                                      "{N}在{L}丢了{a}{u}{O}。", "{N}{D}画了{a}{u}{O}。"}};
  const bool english = language == Language::kEnglish;
  Asked asked;
  asked.instance = summary ? "extraction summary" : "extraction sentence";
  const std::size_t count = summary ? 4 : 3;
  const auto people = draw.distinct(count, kPeople.size());
  std::vector<std::string> passage, things;
  for (const std::size_t person : people) {
    Gaps gaps;
    gaps.set("N", kPeople[person].in(language));
    set_thing(gaps, draw, language);
    const int a = draw.between(2, 40);
    gaps.set("a", a)
        .set("L", draw.pick(kPlaces).in(language))
        .set("D", draw.pick(kDays).in(language));
    asked.instance += fmt::format(" {} {}", person, a);
    passage.push_back(gaps.fill(kSentences.pick(draw, language)));
    things.push_back(gaps.fill(english ? "{a} {O}" : "{a}{u}{O}"));
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

Asked ask(Draw& draw, Language language) {
  const int kind = draw.between(0, 99);
  if (kind < 35) return ask_about_event(draw, language);
  if (kind < 55) return ask_about_list(draw, language);
  return ask_for_sentences(draw, language, kind >= 85);
}

class Extraction final : public Family {
 public:
  std::string_view name() const override { return "extraction"; }
  int share() const override { return 22; }

  Sample sample(Draw& draw, Language language) const override {
    const Asked asked = ask(draw, language);
    Sample sample;
    sample.instance = asked.instance;
    sample.question = asked.prompt;
    sample.test = {
        {"prompt", asked.prompt}, {"answer", asked.answer}, {"language", code(language)}};
    sample.example = draw.percent(kSlowExtractionPercent)
                         ? TrainingExample::slow(asked.prompt, asked.reasoning, asked.answer)
                         : TrainingExample::fast(asked.prompt, asked.answer);
    return sample;
  }
};

}  // namespace

std::unique_ptr<const Family> make_extraction() {
  return std::make_unique<Extraction>();
}

}  // namespace pangu::corpus
