// SPDX-License-Identifier: Apache-2.0
#include "corpus/scenes.h"

#include <fmt/format.h>

#include <iterator>

namespace pangu::corpus {
namespace {

constexpr Word kWithoutNumbers[] = {
    {"It is {D}.", "今天是{D}。"},
    {"{Q} is at {L}.", "{Q}在{L}。"},
    {"{P} met {Q} at {L}.", "{P}在{L}遇见了{Q}。"},
    {"{Q} likes {O}.", "{Q}喜欢{O}。"},
};
constexpr Word kWithNumbers[] = {
    {"{Q} is {a} years old.", "{Q}今年{a}岁。"},
    {"{Q} has {a} {O}.", "{Q}有{a}{u}{O}。"},
    {"{Q} sold {a} {O} on {D}.", "{Q}{D}卖了{a}{u}{O}。"},
};
constexpr std::size_t kPlain = std::size(kWithoutNumbers);

}  // namespace

Scene draw_scene(Draw& draw, Language language, int count, bool has_numbers) {
  const std::size_t all = kPlain + (has_numbers ? std::size(kWithNumbers) : 0);
  Scene scene;
  for (const std::size_t i : draw.distinct(static_cast<std::size_t>(count), all)) {
    Gaps gaps;
    set_people(gaps, draw, language, 4);
    set_thing(gaps, draw, language);
    const int number = draw.between(2, 60);
    gaps.set("a", number);
    gaps.set("L", draw.pick(kPlaces).in(language)).set("D", draw.pick(kDays).in(language));
    const Word& sentence = i < kPlain ? kWithoutNumbers[i] : kWithNumbers[i - kPlain];
    scene.text += gaps.fill(sentence.in(language));
    if (language == Language::kEnglish) scene.text += ' ';
    scene.instance += fmt::format(" scene {}", i);
    if (i >= kPlain) scene.instance += fmt::format(" {}", number);
  }
  return scene;
}

}  // namespace pangu::corpus
