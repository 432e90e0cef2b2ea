// SPDX-License-Identifier: Apache-2.0
// Open instructions: greetings, counting, sorting, rewriting, stories, explanations.
#include <algorithm>

#include "corpus/family.h"
#include "corpus/wording.h"
#include "corpus/world.h"

namespace pangu::corpus {
namespace {

constexpr int kSlowChatPercent = 25, kSystemPercent = 15, kTwoTurnsPercent = 15;

struct Turn {
  std::string instance;  ///< empty: too few of them to keep some back
  std::string request, reasoning, answer;
};

Turn introduction(Draw& draw, Language language) {
  static const Phrases kHello = {
      {"Hello, I am {N}.", "Hi! My name is {N}.", "Good morning, I am {N}."},
      {"你好，我是{N}。", "你好！我叫{N}。", "早上好，我是{N}。"}};
  static const Phrases kAnswer = {{"Hello {N}! How can I help you?"},
                                  {"你好，{N}！有什么可以帮你？"}};
  Gaps gaps;
  set_people(gaps, draw, language, 1);
  return {"", gaps.fill(kHello.pick(draw, language)),
          (language == Language::kEnglish ? "name: " : "名字：") + gaps["N"],
          gaps.fill(kAnswer.pick(draw, language))};
}

Turn small_talk(Draw& draw, Language language) {
  struct Line {
    Phrases request;
    Word reasoning, answer;
  };
  static const std::vector<Line> kLines = {
      {{{"Who are you?", "What are you?"}, {"你是谁？", "你是什么？"}},
       {"about me", "关于我"},
       {"I am pangu-nano, a small language model.", "我是pangu-nano，一个小语言模型。"}},
      {{{"What can you do?", "How can you help me?"}, {"你会做什么？", "你能帮我什么？"}},
       {"my tasks", "我的任务"},
       {"I solve word problems, answer questions, write small functions and quote texts.",
        "我会解应用题、回答问题、写小函数、引用短文。"}},
      {{{"Thank you!", "Thanks a lot!"}, {"谢谢！", "非常感谢！"}},
       {"thanks", "感谢"},
       {"You are welcome!", "不客气！"}},
      {{{"Goodbye!", "See you tomorrow!"}, {"再见！", "明天见！"}},
       {"farewell", "告别"},
       {"Goodbye, take care!", "再见，保重！"}},
      {{{"What is a river?", "Explain what a river is."}, {"什么是河流？", "解释一下河流。"}},
       {"explain", "解释"},
       {"A river is water that flows over land to a sea.", "河流是流过陆地、注入海洋的水。"}},
      {{{"What is a capital?", "Explain what a capital is."}, {"什么是首都？", "解释一下首都。"}},
       {"explain", "解释"},
       {"A capital is the city from which a country is ruled.",
        "首都是一个国家的政府所在的城市。"}},
      {{{"What is a mineral?", "Explain what a mineral is."}, {"什么是矿石？", "解释一下矿石。"}},
       {"explain", "解释"},
       {"A mineral is a hard thing that is found in the ground.",
        "矿石是在地下找到的坚硬的东西。"}},
      {{{"What is a function?", "Explain what a function is."}, {"什么是函数？", "解释一下函数。"}},
       {"explain", "解释"},
       {"A function is a piece of code with a name that returns a value.",
        "函数是有名字、返回一个值的一段代码。"}},
  };
  const Line& line = draw.pick(kLines);
  return {"", line.request.pick(draw, language), line.reasoning.in(language),
          line.answer.in(language)};
}

Turn counting(Draw& draw, Language language) {
  static const Phrases kRequest = {
      {"Count from {a} to {b} in steps of {s}.", "Write the numbers from {a} to {b}, step {s}."},
      {"从{a}数到{b}，每次加{s}。", "写出{a}到{b}的数，步长{s}。"}};
  const int first = draw.between(1, 60), step = draw.between(1, 5), count = draw.between(3, 7);
  const int last = first + step * (count - 1);
  Gaps gaps;
  gaps.set("a", first).set("b", last).set("s", step);
  std::string answer;
  for (int n = first; n <= last; n += step) answer += (n == first ? "" : ", ") + std::to_string(n);
  return {fmt::format("chat count {} {} {}", first, last, step),
          gaps.fill(kRequest.pick(draw, language)),
          fmt::format("{}+{}={}", first, step, first + step), answer};
}

Turn listing(Draw& draw, Language language) {
  const auto chosen = draw.distinct(static_cast<std::size_t>(draw.between(3, 4)), kThings.size());
  Turn turn;
  turn.instance = "chat list";
  std::vector<std::string> items;
  std::string lines;
  for (const std::size_t i : chosen) {
    turn.instance += fmt::format(" {}", i);
    items.emplace_back(kThings[i].in(language));
    lines += fmt::format("{}{}. {}", lines.empty() ? "" : "\n", items.size(), items.back());
  }
  static const Phrases kRequest = {{"Write this as a list: {I}.", "Make a numbered list of {I}."},
                                   {"把{I}写成列表。", "列出：{I}。"}};
  Gaps gaps;
  gaps.set("I", listed(items, language));
  turn.request = gaps.fill(kRequest.pick(draw, language));
  turn.reasoning =
      fmt::format("{}{}", language == Language::kEnglish ? "items: " : "个数：", items.size());
  turn.answer = lines;
  return turn;
}

/// A sentence and what is made of it.
Turn rewriting(Draw& draw, Language language) {
  struct Change {
    const char* key;
    Word request, reasoning, from, to;
  };
  static const std::vector<Change> kChanges = {
      {"question",
       {"Make a question of it: ", "改成问句："},
       {"Did {N} ...?", "……吗？"},
       {"{N} bought {a} {O} at {L}.", "{N}在{L}买了{a}{u}{O}。"},
       {"Did {N} buy {a} {O} at {L}?", "{N}在{L}买了{a}{u}{O}吗？"}},
      {"polite",
       {"Say it politely: ", "说得礼貌些："},
       {"please", "请"},
       {"{N}, give me {a} {O}.", "{N}，给我{a}{u}{O}。"},
       {"{N}, could you please give me {a} {O}?", "{N}，请给我{a}{u}{O}，好吗？"}},
      {"not",
       {"Say the opposite: ", "说相反的："},
       {"not", "没有"},
       {"{N} sold {a} {O} at {L}.", "{N}在{L}卖了{a}{u}{O}。"},
       {"{N} did not sell {a} {O} at {L}.", "{N}在{L}没有卖{a}{u}{O}。"}},
      {"future",
       {"Say it for tomorrow: ", "改成明天："},
       {"will", "明天"},
       {"{N} buys {a} {O} at {L}.", "{N}在{L}买{a}{u}{O}。"},
       {"{N} will buy {a} {O} at {L} tomorrow.", "{N}明天在{L}买{a}{u}{O}。"}},
  };
  const Change& change = draw.pick(kChanges);
  Gaps gaps;
  const std::size_t person = draw.below(kPeople.size()), place = draw.below(kPlaces.size()),
                    thing = draw.below(kThings.size());
  const int a = draw.between(2, 20);
  gaps.set("N", kPeople[person].in(language)).set("a", a);
  gaps.set("O", kThings[thing].in(language)).set("u", kThings[thing].measure);
  gaps.set("L", kPlaces[place].in(language));
  // A place that is not told makes no other instance.
  const bool tells_place = std::string_view(change.from.en).find("{L}") != std::string_view::npos;
  return {fmt::format("chat rewrite {} {} {} {} {}", change.key, person, tells_place ? place : 0,
                      thing, a),
          gaps.fill(std::string(change.request.in(language)) + change.from.in(language)),
          gaps.fill(change.reasoning.in(language)), gaps.fill(change.to.in(language))};
}

Turn story(Draw& draw, Language language) {
  static const Phrases kRequest = {
      {"Tell a short story about {N} at {L}.", "Write a few sentences about {N} and {L}."},
      {"讲一个{N}在{L}的小故事。", "写几句关于{N}和{L}的话。"}};
  static const Phrases kBegin = {{"On {D}, {N} went to {L}.", "{N} was at {L} on {D}."},
                                 {"{D}，{N}去了{L}。", "{N}{D}在{L}。"}};
  static const Phrases kMiddle = {{"{N} met {M} and they looked at some {O}.",
                                   "There {M} had lost some {O}, and {N} helped to find them."},
                                  {"{N}遇见了{M}，他们一起看{O}。", "{M}丢了{O}，{N}帮忙找到了。"}};
  static const Phrases kEnd = {{"In the evening they were happy.", "Then they went home together."},
                               {"晚上他们都很高兴。", "然后他们一起回家了。"}};
  Gaps gaps;
  const auto people = draw.distinct(2, kPeople.size());
  const std::size_t place = draw.below(kPlaces.size()), thing = draw.below(kThings.size()),
                    day = draw.below(kDays.size());
  gaps.set("N", kPeople[people[0]].in(language)).set("M", kPeople[people[1]].in(language));
  gaps.set("L", kPlaces[place].in(language))
      .set("D", kDays[day].in(language))
      .set("O", kThings[thing].in(language));
  const std::vector<std::string> parts = {gaps.fill(kBegin.pick(draw, language)),
                                          gaps.fill(kMiddle.pick(draw, language)),
                                          kEnd.pick(draw, language)};
  return {fmt::format("chat story {} {}", people[0], place),
          gaps.fill(kRequest.pick(draw, language)), fmt::format("{}, {}", gaps["N"], gaps["L"]),
          sentences(parts, language)};
}

/// Entities that share a property; any of those there are is right, the answer names some.
Turn examples(const World& world, Draw& draw, Language language) {
  const bool english = language == Language::kEnglish;
  const std::size_t kind = draw.below(World::kinds().size());
  const std::size_t wanted = static_cast<std::size_t>(draw.between(2, 3));
  Turn turn;
  std::vector<std::string> names;
  for (const std::size_t e : draw.distinct(wanted, World::kinds()[kind].count)) {
    names.push_back(world.name(kind, e, language));
  }
  const Word plural = World::kinds()[kind].plural;
  turn.request = english ? fmt::format("Name {} {}.", wanted, plural.en)
                         : fmt::format("说出{}个{}。", wanted, plural.zh);
  turn.reasoning = plural.in(language);
  turn.answer = listed(names, language);
  return turn;
}

class Chat final : public Family {
 public:
  explicit Chat(const World& world) : world_(world) {}

  std::string_view name() const override { return "chat"; }
  int share() const override { return 7; }

  Sample sample(Draw& draw, Language language) const override {
    Turn turn = draw_turn(draw, language);
    Sample sample;
    sample.instance = turn.instance;
    sample.question = turn.request;
    if (!turn.instance.empty()) {
      sample.test = {
          {"prompt", turn.request}, {"answer", turn.answer}, {"language", code(language)}};
    }
    sample.example = draw.percent(kSlowChatPercent)
                         ? TrainingExample::slow(std::move(turn.request), std::move(turn.reasoning),
                                                 std::move(turn.answer))
                         : TrainingExample::fast(std::move(turn.request), std::move(turn.answer));
    put_before(sample.example.messages, draw, language);
    return sample;
  }

  /// As many requests in one as the level says, numbered.
  Sample harder(Draw& draw, Language language, int level) const override {
    Sample sample;
    std::string answer;
    for (int i = 1; i <= level; ++i) {
      Turn turn = draw_turn(draw, language);
      while (turn.instance.empty()) turn = draw_turn(draw, language);
      const std::string_view newline = i == 1 ? "" : "\n";
      sample.instance += (i == 1 ? "" : " then ") + turn.instance;
      sample.question += fmt::format("{}({}) {}", newline, i, turn.request);
      answer += fmt::format("{}({}) {}", newline, i, turn.answer);
    }
    sample.test = {{"prompt", sample.question}, {"answer", answer}, {"language", code(language)}};
    return sample;
  }

 private:
  Turn draw_turn(Draw& draw, Language language) const {
    const int kind = draw.between(0, 99);
    if (kind < 8) return introduction(draw, language);
    if (kind < 20) return small_talk(draw, language);
    if (kind < 40) return counting(draw, language);
    if (kind < 56) return listing(draw, language);
    if (kind < 78) return rewriting(draw, language);
    if (kind < 92) return story(draw, language);
    return examples(world_, draw, language);
  }

  /// What may stand before the turn: an introduction, a system message.
  static void put_before(std::vector<CorpusMessage>& messages, Draw& draw, Language language) {
    if (draw.percent(kTwoTurnsPercent)) {
      const Turn hello = introduction(draw, language);
      auto turn = TrainingExample::fast(hello.request, hello.answer).messages;
      messages.insert(messages.begin(), turn.begin(), turn.end());
    }
    if (draw.percent(kSystemPercent)) {
      static const Phrases kSystem = {{"You are a friendly helper.", "You are pangu-nano."},
                                      {"你是友好的助手。", "你是pangu-nano。"}};
      messages.insert(messages.begin(), {"system", kSystem.pick(draw, language)});
    }
  }

  const World& world_;
};

}  // namespace

std::unique_ptr<const Family> make_chat(const World& world) {
  return std::make_unique<Chat>(world);
}

}  // namespace pangu::corpus
