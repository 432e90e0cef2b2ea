// SPDX-License-Identifier: Apache-2.0
// Questions whose answer stands in the prompt, word for word: a few words, a line, whole sentences.
#include "corpus/extraction_parts.h"
#include "corpus/family.h"

namespace pangu::corpus {
namespace {

constexpr int kSlowExtractionPercent = 30;

/// Draws a word and notes which one in the instance.
template <class T>
std::string noted(Asked& asked, Draw& draw, const std::vector<T>& words, Language language) {
  const std::size_t index = draw.below(words.size());
  asked.instance += fmt::format(" {}", index);
  return words[index].in(language);
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

/// `others` sentences about other people stand among those of the event.
Asked ask_about_event(Draw& draw, Language language, std::size_t others) {
  static const Phrases kOrder = {{"The order number is {C} and the shop opens at {T}.",
                                  "The shop opens at {T}; the order number is {C}."},
                                 {"订单号是{C}，商店{T}开门。", "商店{T}开门，订单号是{C}。"}};
  Asked asked;
  asked.instance = "extraction event";
  Gaps gaps;
  const auto people = draw.distinct(2 + others, kPeople.size());
  gaps.set("N", kPeople[people[0]].in(language)).set("M", kPeople[people[1]].in(language));
  gaps.set("L", noted(asked, draw, kPlaces, language));
  gaps.set("D", noted(asked, draw, kDays, language));
  const int count = draw.between(2, 30);
  const std::size_t thing = draw.below(kThings.size());
  gaps.set("S", counted(count, kThings[thing], language));
  gaps.set("C", draw.between(1000, 9999));
  const int hour = draw.between(6, 11);
  gaps.set("T", language == Language::kEnglish ? fmt::format("{} o'clock", hour)
                                               : fmt::format("{}点", hour));
  const std::size_t which = draw.below(kEventQuestions.size());
  asked.instance += fmt::format(" {} {} {} {} {}", thing, count, gaps["C"], hour, which);

  const EventQuestion& question = kEventQuestions[which];
  std::vector<std::string> passage = {gaps.fill(kMeeting.pick(draw, language)),
                                      gaps.fill(kBringing.pick(draw, language)),
                                      gaps.fill(kOrder.pick(draw, language))};
  const std::string asks = gaps.fill(question.question.pick(draw, language));
  asked.reasoning = passage[question.sentence];
  asked.answer = gaps[question.gap];
  for (std::size_t i = 2; i < people.size(); ++i) {
    Deed deed = draw_deed(people[i], draw, language);
    const std::size_t place = draw.below(passage.size() + 1);
    asked.instance += fmt::format(" {}@{}", deed.count, place);
    passage.insert(passage.begin() + static_cast<std::ptrdiff_t>(place), std::move(deed.sentence));
  }
  asked.prompt = passage_prompt(passage, asks, language);
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
Asked ask_about_list(Draw& draw, Language language, int fewest, int most) {
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
  const auto chosen =
      draw.distinct(static_cast<std::size_t>(draw.between(fewest, most)), all.size());
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

Asked ask(Draw& draw, Language language) {
  const int kind = draw.between(0, 99);
  if (kind < 35) return ask_about_event(draw, language, 0);
  if (kind < 55) return ask_about_list(draw, language, 4, 5);
  return kind < 85 ? ask_for_sentences(draw, language, false, 3)
                   : ask_for_sentences(draw, language, true, 4);
}

/// Longer passages, in which more sentences look like the one that is asked about.
Asked ask_harder(Draw& draw, Language language, int level) {
  const auto place = static_cast<std::size_t>(level - 2);
  constexpr std::size_t kSentences[] = {4, 6, 8}, kSummary[] = {5, 6, 8}, kMeetings[] = {1, 2, 3};
  const int kind = draw.between(0, 99);
  if (kind < 55) {
    if (level > 2) return ask_about_meetings(draw, language, kMeetings[place]);
    return kind < 35 ? ask_about_event(draw, language, 2) : ask_about_list(draw, language, 6, 7);
  }
  return kind < 85 ? ask_for_sentences(draw, language, false, kSentences[place])
                   : ask_for_sentences(draw, language, true, kSummary[place]);
}

class Extraction final : public Family {
 public:
  std::string_view name() const override { return "extraction"; }
  int share() const override { return 22; }

  Sample sample(Draw& draw, Language language) const override {
    const Asked asked = ask(draw, language);
    Sample sample = item_of(asked, language);
    sample.example = draw.percent(kSlowExtractionPercent)
                         ? TrainingExample::slow(asked.prompt, asked.reasoning, asked.answer)
                         : TrainingExample::fast(asked.prompt, asked.answer);
    return sample;
  }

  Sample harder(Draw& draw, Language language, int level) const override {
    return item_of(ask_harder(draw, language, level), language);
  }

 private:
  /// A sample without an example.
  static Sample item_of(const Asked& asked, Language language) {
    Sample sample;
    sample.instance = asked.instance;
    sample.question = asked.prompt;
    sample.test = {
        {"prompt", asked.prompt}, {"answer", asked.answer}, {"language", code(language)}};
    return sample;
  }
};

}  // namespace

std::unique_ptr<const Family> make_extraction() {
  return std::make_unique<Extraction>();
}

}  // namespace pangu::corpus
