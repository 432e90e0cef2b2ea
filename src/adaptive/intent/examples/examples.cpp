// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "adaptive/intent/examples/corpus_requests.h"
#include "adaptive/intent/examples/fillers.h"
#include "adaptive/intent/examples/patterns.h"
#include "adaptive/intent/features/text_units.h"
#include "adaptive/intent/wording_noise.h"
#include "adaptive/task_kind.h"
#include "base/utf8.h"
#include "io/json.h"

namespace pangu::adaptive {
namespace {

constexpr int kPolitePercent = 50, kTypoExamplePercent = 12, kSmallPercent = 8, kTurnsPercent = 12,
              kSystemMessagePercent = 5;

/// One prompt of the corpus in each language for so many others of a kind.
constexpr int kCorpusShare = 10;

struct KindPatterns {
  const char* kind;
  Patterns (*patterns)();
};

constexpr KindPatterns kPatternsOfKinds[] = {
    {"code", code_patterns},
    {"code-edit", code_edit_patterns},
    {"math", math_patterns},
    {"knowledge", knowledge_patterns},
    {"extraction", extraction_patterns},
    {"translation", translation_patterns},
    {"structured", structured_patterns},
    {"chat", chat_patterns},
};

bool has_han(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (char_kind(utf8::next(text, at)) == CharKind::kHan) return true;
  }
  return false;
}

std::string politely(const std::string& text, corpus::Draw& draw) {
  static constexpr const char* kEnglish[][2] = {
      {"Please help me with this: ", ""},
      {"", "\nThank you!"},
      {"Hello! ", ""},
      {"Could you do this for me? ", ""},
      {"", " Be brief, please."},
      {"hey, ", " thx"},
      {"I have a question. ", ""},
      {"", "\n\nExplain your answer."},
      {"Good evening, I wonder if you can assist me. ", ""},
      {"Hi! I need some help here, it is quite urgent.\n\n", "\n\nMany thanks!"},
      {"Sorry to bother you again. ", " I would be grateful."},
      {"", "\n\nI really appreciate it, have a nice day."},
      {"You are a smart assistant. ", " Take your time."},
      {"Hey there, quick one for you: ", ""},
      {"My teacher gave me this and I am stuck.\n", "\nCan you help? Cheers"},
      {"", " Thanks so much in advance :)"}};
  static constexpr const char* kChinese[][2] = {{"请问，", ""},
                                                {"你好，", "谢谢！"},
                                                {"麻烦帮个忙：", ""},
                                                {"", "\n谢谢。"},
                                                {"", "请尽量简短。"},
                                                {"在吗？", ""},
                                                {"您好！打扰一下，有件事想请教：", ""},
                                                {"", "\n非常感谢，祝你愉快！"},
                                                {"我有点着急，帮我处理下面的事情。\n", "\n拜托了"},
                                                {"哈喽，能不能帮帮我呀？", "感谢感谢"},
                                                {"老师让我做这个，我不太会。", "\n多谢啦！"},
                                                {"你是一个聪明的助手。", "慢慢来，不着急。"}};
  const auto& frame = has_han(text) ? kChinese[draw.below(std::size(kChinese))]
                                    : kEnglish[draw.below(std::size(kEnglish))];
  return frame[0] + text + frame[1];
}

std::string in_small_letters(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
  return text;
}

/// An exchange about something else before the request, which must not count for more than it.
void put_turn_before(std::vector<Message>& messages, corpus::Draw& draw) {
  const KindPatterns& other = kPatternsOfKinds[draw.below(std::size(kPatternsOfKinds))];
  const Patterns patterns = other.patterns();
  static constexpr const char* kReplies[] = {"Sure, here it is.", "Done. Anything else?",
                                             "好的，已经完成。", "Let me know if you need more.",
                                             "不客气，还有别的问题吗？"};
  messages.insert(
      messages.begin(),
      {{.role = "user", .content = fill_pattern(patterns[draw.below(patterns.size())], draw)},
       {.role = "assistant", .content = kReplies[draw.below(std::size(kReplies))]}});
}

RequestExample make_request_example(const KindPatterns& kind, std::size_t pattern,
                                    corpus::Draw& draw) {
  std::string text = fill_pattern(kind.patterns()[pattern], draw);
  if (draw.percent(kSmallPercent)) text = in_small_letters(std::move(text));
  if (draw.percent(kPolitePercent)) text = politely(text, draw);
  if (draw.percent(kTypoExamplePercent)) text = with_typos({text, {}}, draw.below(1 << 20)).text;
  RequestExample example{.kind = kind.kind,
                         .group = fmt::format("{} {}", kind.kind, pattern),
                         .messages = {{.role = "user", .content = std::move(text)}}};
  if (draw.percent(kTurnsPercent)) put_turn_before(example.messages, draw);
  if (draw.percent(kSystemMessagePercent)) {
    example.messages.insert(example.messages.begin(),
                            {.role = "system", .content = "You are a helpful assistant."});
  }
  return example;
}

}  // namespace

std::vector<RequestExample> make_request_examples(int per_kind, std::uint64_t seed) {
  std::vector<RequestExample> examples;
  std::uint32_t stream = 16;
  for (const KindPatterns& kind : kPatternsOfKinds) {
    const std::size_t n = kind.patterns().size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    corpus::Draw(seed, stream, ~std::uint64_t{0}).shuffle(order);
    for (int i = 0; i < per_kind; ++i) {
      corpus::Draw draw(seed, stream, static_cast<std::uint64_t>(i));
      examples.push_back(make_request_example(kind, order[static_cast<std::size_t>(i) % n], draw));
    }
    ++stream;
  }
  std::ranges::move(corpus_requests(per_kind / kCorpusShare, corpus::Split::kTrain, seed),
                    std::back_inserter(examples));
  return examples;
}

std::string example_line(const RequestExample& example) {
  nlohmann::ordered_json json = {{"kind", example.kind}, {"group", example.group}};
  if (example.messages.size() == 1) {
    json["text"] = example.messages.front().content;
  } else {
    json["messages"] = nlohmann::ordered_json::array();
    for (const Message& m : example.messages) {
      json["messages"].push_back({{"role", m.role}, {"content", m.content}});
    }
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace pangu::adaptive
