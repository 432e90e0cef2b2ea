// SPDX-License-Identifier: Apache-2.0
#include "corpus/wording.h"

namespace pangu::corpus {

const std::vector<Word> kPeople = {
    {"Anna", "安娜"}, {"Ben", "小本"},   {"Carl", "卡尔"}, {"Dora", "朵拉"}, {"Emma", "艾玛"},
    {"Finn", "小芬"}, {"Grace", "小雅"}, {"Hugo", "小胡"}, {"Iris", "小丽"}, {"Jack", "小杰"},
    {"Kate", "小凯"}, {"Leo", "小力"},   {"Mia", "米娅"},  {"Nora", "诺拉"}, {"Oscar", "小欧"},
    {"Paul", "保罗"}, {"Rosa", "小红"},  {"Sam", "小山"},  {"Tom", "小明"},  {"Vera", "小薇"},
};

const std::vector<Thing> kThings = {
    {"apples", "苹果", "个"}, {"books", "书", "本"},    {"cards", "卡片", "张"},
    {"coins", "硬币", "枚"},  {"cups", "杯子", "个"},   {"eggs", "鸡蛋", "个"},
    {"flowers", "花", "朵"},  {"lamps", "灯", "盏"},    {"pencils", "铅笔", "支"},
    {"photos", "照片", "张"}, {"plants", "植物", "盆"}, {"shells", "贝壳", "个"},
    {"stamps", "邮票", "张"}, {"stones", "石头", "块"}, {"tickets", "票", "张"},
    {"toys", "玩具", "个"},
};

const std::vector<Word> kPlaces = {
    {"the market", "市场"},  {"the park", "公园"},     {"the school", "学校"},
    {"the station", "车站"}, {"the harbor", "港口"},   {"the library", "图书馆"},
    {"the garden", "花园"},  {"the museum", "博物馆"}, {"the bridge", "桥边"},
    {"the farm", "农场"},    {"the hotel", "旅馆"},    {"the shop", "商店"},
};

const std::vector<Word> kDays = {
    {"Monday", "星期一"}, {"Tuesday", "星期二"},  {"Wednesday", "星期三"}, {"Thursday", "星期四"},
    {"Friday", "星期五"}, {"Saturday", "星期六"}, {"Sunday", "星期日"},
};

const std::string* Gaps::find(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return &value;
  }
  return nullptr;
}

Gaps& Gaps::set(std::string name, std::string value) {
  for (auto& [key, old] : values_) {
    if (key == name) {
      old = std::move(value);
      return *this;
    }
  }
  values_.emplace_back(std::move(name), std::move(value));
  return *this;
}

const std::string& Gaps::operator[](std::string_view name) const {
  static const std::string empty;
  const std::string* value = find(name);
  PANGU_DCHECK(value != nullptr);
  return value ? *value : empty;
}

std::string Gaps::fill(std::string_view sentence) const {
  std::string text;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t close = sentence[at] == '{' ? sentence.find('}', at) : std::string_view::npos;
    const std::string* value =
        close == std::string_view::npos ? nullptr : find(sentence.substr(at + 1, close - at - 1));
    if (value) {
      text += *value;
      at = close + 1;
    } else {
      text += sentence[at++];
    }
  }
  return text;
}

void set_people(Gaps& gaps, Draw& draw, Language language, std::size_t count) {
  constexpr const char* kGapNames[] = {"N", "M", "P", "Q"};
  const auto chosen = draw.distinct(count, kPeople.size());
  for (std::size_t i = 0; i < count; ++i) gaps.set(kGapNames[i], kPeople[chosen[i]].in(language));
}

void set_thing(Gaps& gaps, Draw& draw, Language language) {
  const Thing& thing = draw.pick(kThings);
  gaps.set("O", thing.in(language)).set("u", thing.measure);
}

std::string listed(const std::vector<std::string>& items, Language language) {
  const bool english = language == Language::kEnglish;
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool is_last = i + 1 == items.size();
    if (i > 0 && is_last) text += english ? " and " : "和";
    if (i > 0 && !is_last) text += english ? ", " : "、";
    text += items[i];
  }
  return text;
}

std::string sentences(const std::vector<std::string>& parts, Language language) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty() && language == Language::kEnglish) text += ' ';
    text += part;
  }
  return text;
}

}  // namespace pangu::corpus
