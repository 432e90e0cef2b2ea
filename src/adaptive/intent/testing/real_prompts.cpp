// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/testing/real_prompts.h"

#include <algorithm>

#include "adaptive/intent/examples/corpus_requests.h"
#include "base/utf8.h"
#include "eval/rows.h"
#include "io/mapped_file.h"

namespace pangu::adaptive::test_data {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  const MappedFile mapped(file);
  return {reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()};
}

bool is_about_mathematics(const std::string& name) {
  for (const char* word : {"mathematics", "abstract_algebra", "statistics", "probability"}) {
    if (name.find(word) != name.npos) return true;
  }
  return false;
}

void add_row(std::vector<LabelledRow>& rows, const char* kind, std::string_view text,
             std::string group = {}) {
  rows.push_back({.kind = kind, .group = std::move(group), .request = request_of(text)});
}

void add_choices(std::vector<LabelledRow>& rows, const fs::path& folder,
                 const RealPromptOptions& options) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string name = file.filename().string();
    if (!name.ends_with("_mcq.jsonl") || name.starts_with("hellaswag")) continue;
    const bool is_math = is_about_mathematics(name);
    if (is_math && !options.with_mathematics) continue;
    const auto limit = static_cast<std::int64_t>(options.per_file);
    for (const auto& row : eval::parse_choice_rows(content_of(file), name, limit)) {
      add_row(rows, is_math ? "math" : "knowledge", row.prompt);
    }
  }
}

/// Passages of a few hundred characters.
std::vector<std::string> passages(const fs::path& file, std::size_t count, std::size_t bytes) {
  std::vector<std::string> out;
  for (const auto& row : eval::parse_text_rows(content_of(file), file.filename().string())) {
    if (row.text.size() < bytes / 2 || out.size() == count) continue;
    std::string_view text = row.text;
    text = text.substr(0, utf8::complete_prefix(text.substr(0, bytes)));
    out.emplace_back(text);
  }
  return out;
}

/// "%s" of each wording is filled with texts in turn.
void add_built(std::vector<LabelledRow>& rows, const char* kind,
               const std::vector<const char*>& wordings, const std::vector<std::string>& texts,
               std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string wording = wordings[i % wordings.size()];
    std::string text = wording;
    if (const std::size_t at = text.find("%s"); at != text.npos) {
      text.replace(at, 2, texts[(i * 7 + i / wordings.size()) % texts.size()]);
    }
    add_row(rows, kind, text, std::string(kind) + ": " + wording);
  }
}

const std::vector<const char*> kEditWordings = {
    "Something is off with this snippet, can you correct it?\n\n%s",
    "%s\n\nPlease clean this up a bit.",
    "Walk me through the program below.\n\n```python\n%s\n```",
    "I wrote this yesterday and it is too slow. Speed it up.\n%s",
    "Could you turn this into idiomatic Java?\n\n%s",
    "What happens if the input is negative here? Patch it accordingly.\n\n%s",
    "Document the function below in the Google style:\n%s",
    "这个程序有没有什么隐患？有的话直接改好。\n%s",
    "请把下面的程序改短一些，功能不变。\n\n%s",
    "看不懂同事写的这个函数，讲讲它做了什么：\n%s",
    "下面程序换成Go语言怎么写？\n%s",
    "There's an off-by-one mistake somewhere in here.\n\n%s\n\nFind it."};

const std::vector<const char*> kTranslationEnglish = {
    "Put this into German for me: %s",       "French version please.\n\n%s",
    "%s\n\nHow would that read in Spanish?", "Turn the paragraph into Chinese:\n%s",
    "Traduce to Italian the following: %s",  "用中文表达下面这段英文：\n%s",
    "这段话是什么意思，译成中文给我看看：%s"};
const std::vector<const char*> kTranslationChinese = {
    "How would an English speaker say this: %s", "Translate from Chinese, British spelling.\n\n%s",
    "这段内容的英文版怎么写？\n%s", "麻烦译为法文：%s", "把这段话变成地道的英语。\n\n%s"};
const std::vector<const char*> kExtractionEnglish = {
    "I don't have time to read all of this. What is it about?\n\n%s",
    "%s\n\nWho are the people in it and what did they do?",
    "List the facts stated here, nothing else:\n%s",
    "From the paragraph, when did it begin?\n\n%s",
    "Boil this down to one line: %s",
    "Reading comprehension. Text: %s\nWhat reason does the text give?"};
const std::vector<const char*> kExtractionChinese = {
    "太长了，帮我说说重点：\n%s", "%s\n\n上面这段提到了哪些单位和人名？",
    "仅根据所给材料作答：事情的起因是什么？\n%s", "请写出下文的摘要，不超过两句话。\n\n%s",
    "下面这段话主要说明了什么问题？%s"};
const std::vector<const char*> kStructuredEnglish = {
    "Give me {\"topic\": ..., \"date\": ..., \"people\": [...]} for this:\n%s",
    "As a JSON document with fields title, place, summary:\n\n%s",
    "%s\n\nPut the above into a two-column table (fact | value).",
    "Emit YAML only, describing the entities in: %s",
    "Fill the form.\nTitle:\nYear:\nLocation:\n\nText: %s",
    "Answer with a JSON array of strings, one per sentence: %s"};
const std::vector<const char*> kStructuredChinese = {
    "请输出JSON，键为title、time、summary：\n%s", "整理成两列的表格（项目、内容）：\n%s",
    "%s\n\n以{\"主题\":\"\",\"机构\":[]}这种形式返回。",
    "把下文的信息填进表单：\n姓名：\n日期：\n事由：\n\n%s", "以XML形式给出下文中的实体：%s"};
const std::vector<const char*> kChatWordings = {
    "hey what's up",
    "I just moved to a new city and know nobody. Tips?",
    "Sing me something!",
    "Compose a haiku about winter mornings",
    "Are you a robot or a person?",
    "I had a terrible day at work, my manager yelled at me",
    "Invent a bedtime story with a dragon who is afraid of fire",
    "Any good movie for tonight?",
    "How should I break up with someone kindly?",
    "Help me pick a costume for a party",
    "You are wonderful, thank you so much",
    "Draft a text to invite my friends to a barbecue",
    "Do you think people will live on Mars one day?",
    "Give me three reasons to get out of bed early",
    "Roleplay: you're a grumpy wizard and I am your apprentice.",
    "My girlfriend's birthday is next week and I have no idea what to get her",
    "What would be a catchy title for my travel blog?",
    "Good night!",
    "Can we talk?",
    "Write a love letter from a lighthouse to the sea",
    "How do I become more confident when speaking in public?",
    "I'm thinking about getting a tattoo. Good idea?",
    "Continue this: The train stopped in the middle of nowhere.",
    "Which pet suits a small flat?",
    "Write a funny limerick about programmers and coffee",
    "嗨，在干嘛呢",
    "你喜欢什么颜色？",
    "给我编个睡前故事，主角是一只怕黑的小熊",
    "周末好无聊啊，干点什么好呢",
    "帮我写封情书",
    "失恋了，心里很难受",
    "你会唱歌吗",
    "以冬天的早晨为主题作一首小诗",
    "第一次见女朋友的父母要注意什么",
    "你真棒，谢谢啦",
    "晚安",
    "我和室友处不来，该怎么办呢",
    "给新开的咖啡馆想个有意思的名字",
    "来扮演我的面试官吧",
    "想养只宠物，住的房子小，养什么合适？",
    "写一段幽默的自我介绍",
    "怎样才能早睡早起？",
    "聊聊你对未来的看法",
    "接着往下写：列车突然停在了荒野之中。",
    "送朋友的乔迁礼物选什么好",
    "Write the opening scene of a novel that starts like this: %s",
    "I read this today: \"%s\" Made me think. What's your view?",
    "今天看到一段话：“%s”你怎么看？"};

void add_built_requests(std::vector<LabelledRow>& rows, const fs::path& folder) {
  const auto english = passages(folder / "wikitext2_test.jsonl", 150, 500);
  const auto chinese = passages(folder / "chinesewebtext2_test.jsonl", 150, 600);
  const auto short_english = passages(folder / "wikitext2_test.jsonl", 150, 160);
  const auto short_chinese = passages(folder / "chinesewebtext2_test.jsonl", 150, 150);
  std::vector<std::string> code;
  for (const auto& row : eval::parse_code_rows(content_of(folder / "mbpp.jsonl"), "mbpp", 300)) {
    code.push_back(row.reference);
  }
  add_built(rows, "code-edit", kEditWordings, code, 240);
  add_built(rows, "translation", kTranslationEnglish, short_english, 140);
  add_built(rows, "translation", kTranslationChinese, short_chinese, 100);
  add_built(rows, "extraction", kExtractionEnglish, english, 120);
  add_built(rows, "extraction", kExtractionChinese, chinese, 120);
  add_built(rows, "structured", kStructuredEnglish, english, 120);
  add_built(rows, "structured", kStructuredChinese, chinese, 120);
  add_built(rows, "chat", kChatWordings, short_english, kChatWordings.size() - 1);
  add_built(rows, "chat", {kChatWordings[kChatWordings.size() - 1]}, short_chinese, 15);
  add_built(rows, "chat", {kChatWordings[kChatWordings.size() - 3]}, short_english, 15);
  add_built(rows, "chat", {kChatWordings[kChatWordings.size() - 2]}, short_english, 15);
}

}  // namespace

std::vector<LabelledRow> real_prompts(const fs::path& eval_data, const RealPromptOptions& options) {
  std::vector<LabelledRow> rows;
  const auto limit = static_cast<std::int64_t>(options.per_file);
  const auto in = [&](const char* name) { return content_of(eval_data / name); };
  for (const auto& row : eval::parse_math_rows(in("gsm8k_test.jsonl"), "gsm8k", limit)) {
    add_row(rows, "math", row.question);
  }
  for (const char* name : {"mbpp.jsonl", "humaneval.jsonl"}) {
    for (const auto& row : eval::parse_code_rows(in(name), name, limit)) {
      add_row(rows, "code", row.prompt);
    }
  }
  add_choices(rows, eval_data, options);
  if (options.with_built_requests) add_built_requests(rows, eval_data);
  return rows;
}

std::vector<LabelledRow> corpus_prompts(int per_language) {
  std::vector<LabelledRow> rows;
  for (const RequestExample& e : corpus_requests(per_language, corpus::Split::kTest, 7)) {
    rows.push_back({.kind = e.kind, .group = {}, .request = request_of(e.messages)});
  }
  return rows;
}

}  // namespace pangu::adaptive::test_data
