// SPDX-License-Identifier: Apache-2.0
#include "corpus/word_problem_chains.h"

#include <fmt/format.h>

#include "corpus/word_problem_templates.h"

namespace pangu::corpus {
namespace {

/// Something that changes how many things there are.
struct Operation {
  const char* key;
  char sign;
  Word told;  ///< with the gaps {b}, {M} and {u}
};

constexpr Operation kChainOperations[] = {
    {"give", '-', {"gives {b} to {M}", "给{M}{b}{u}"}},
    {"lose", '-', {"loses {b}", "丢了{b}{u}"}},
    {"sell", '-', {"sells {b}", "卖了{b}{u}"}},
    {"buy", '+', {"buys {b} more", "又买了{b}{u}"}},
    {"find", '+', {"finds {b}", "找到{b}{u}"}},
    {"half", '/', {"sells half of them", "卖了一半"}},
};

/// A problem while it is told: what was said, what was computed, how many things there are.
struct Chain {
  std::string instance = "word_problems chain";
  std::vector<std::string> parts;
  std::string steps;  ///< lines
  int count = 0;      ///< of steps
  int value = 0;

  void step(int left, char sign, int right, int result) {
    steps += fmt::format("{}{}{}={}\n", left, sign, right, result);
    value = result;
    ++count;
  }
};

void open(Chain& chain, Gaps& gaps, Draw& draw, Language language) {
  if (draw.percent(50)) {
    chain.value = draw.between(10, kLargestNumber);
    chain.instance += fmt::format(" {}", chain.value);
    static constexpr Word kHasThings{"{N} has {a} {O}", "{N}有{a}{u}{O}"};
    chain.parts.push_back(gaps.set("a", chain.value).fill(kHasThings.in(language)));
    return;
  }
  const int boxes = draw.between(2, 9);
  const int each = draw.between(2, kLargestNumber / boxes < 19 ? kLargestNumber / boxes : 19);
  chain.instance += fmt::format(" {}x{}", boxes, each);
  static constexpr Word kHasBoxes{"{N} has {a} boxes of {b} {O}", "{N}有{a}盒{O}，每盒{b}{u}"};
  chain.parts.push_back(gaps.set("a", boxes).set("b", each).fill(kHasBoxes.in(language)));
  chain.step(boxes, '*', each, boxes * each);
}

/// False if the operation does not fit what there is.
bool apply(const Operation& operation, Chain& chain, Gaps& gaps, Draw& draw, Language language) {
  if (operation.sign == '/') {
    if (chain.value % 2 != 0 || chain.value < 4) return false;
    chain.step(chain.value, '/', 2, chain.value / 2);
    chain.instance += fmt::format(" {}", operation.key);
    chain.parts.emplace_back(operation.told.in(language));
    return true;
  }
  const bool adds = operation.sign == '+';
  const int largest = adds ? kLargestNumber - chain.value : chain.value - 1;
  if (largest < 2) return false;
  const int number = draw.between(2, largest < 60 ? largest : 60);
  chain.step(chain.value, operation.sign, number, chain.value + (adds ? number : -number));
  chain.instance += fmt::format(" {} {}", operation.key, number);
  chain.parts.push_back(gaps.set("b", number).fill(operation.told.in(language)));
  return true;
}

/// "A has 5 shells." for each of those who do not count.
std::string others_told(int others, Chain& chain, Gaps& gaps, Draw& draw, Language language) {
  static constexpr Word kOther{"{X} has {a} {O}. ", "{X}有{a}{u}{O}。"};
  static constexpr const char* kNames[] = {"P", "Q"};
  std::string text;
  for (int i = 0; i < others; ++i) {
    const int number = draw.between(2, 60);
    chain.instance += fmt::format(" other {}", number);
    gaps.set("X", gaps[kNames[i % 2]]).set("a", number);
    text += gaps.fill(kOther.in(language));
  }
  return text;
}

std::string told(const Chain& chain, const Gaps& gaps, Language language) {
  const bool english = language == Language::kEnglish;
  std::string text;
  for (std::size_t i = 0; i < chain.parts.size(); ++i) {
    const bool is_last = i + 1 == chain.parts.size();
    if (i > 0) text += !english ? "，" : is_last ? " and " : ", ";
    text += chain.parts[i];
  }
  static constexpr Word kAsked{". How many {O} does {N} have now?", "。{N}现在有几{u}{O}？"};
  return text + gaps.fill(kAsked.in(language));
}

}  // namespace

Sample chain_problem(const ChainShape& shape, Draw& draw, Language language) {
  Gaps gaps;
  set_people(gaps, draw, language, 4);
  set_thing(gaps, draw, language);
  Chain chain;
  open(chain, gaps, draw, language);
  const Operation* last = nullptr;
  while (chain.count < shape.steps) {
    const Operation& operation = draw.pick(kChainOperations);
    // "gives 3 to Ben and gives 4 to Ben" is no more than one gift.
    if (&operation == last || !apply(operation, chain, gaps, draw, language)) continue;
    last = &operation;
  }
  Sample sample;
  sample.question = others_told(shape.others, chain, gaps, draw, language);
  sample.question += told(chain, gaps, language);
  sample.instance = std::move(chain.instance);
  sample.test = {{"question", sample.question},
                 {"answer", fmt::format("{}#### {}", chain.steps, chain.value)},
                 {"chat_prompt", sample.question},
                 {"language", code(language)}};
  return sample;
}

}  // namespace pangu::corpus
