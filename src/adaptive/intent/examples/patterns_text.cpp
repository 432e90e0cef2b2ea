// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/examples/patterns.h"

namespace pangu::adaptive {
namespace {

constexpr const char* kExtractionPatterns[] = {
    "Summarize the following text in {b} sentences:\n\n{passage}",
    "{passage}\n\nWhat does the text say about {noun}?",
    "Passage: {passage}\nQuestion: Who is mentioned first in the passage?",
    "According to the article below, when did this happen?\n\n{passage}",
    "Give me the key points of this:\n{passage}",
    "TL;DR please:\n\n{passage} {passage2}",
    "Find every date and number in this text.\n\n{passage}",
    "Which people are named in the following paragraph?\n\n\"{passage}\"",
    "Write a one-sentence summary of this report.\n\n{passage}",
    "Read the context and answer the question with words from it.\n\nContext: "
    "{passage}\n\nQuestion: Where did it take place?\nAnswer:",
    "Based only on this text, why was the plan changed? If it does not say, answer \"not "
    "stated\".\n\n{passage}",
    "Quote the sentence of the passage that mentions {noun}.\n{passage}",
    "{passage}\n\nSummarise the above.",
    "{passage} {passage2}\n\nIn two sentences, what is this about?",
    "What is the main argument of the author?\n\n{passage}",
    "Pull out all the names of places from this: {passage}",
    "Shorten the following to at most {a} words, keep the facts:\n{passage}",
    "Here are my meeting notes. What did we decide, and who does what?\n\n{notes}",
    "Using the document below, answer: how much did it cost?\n---\n{passage}\n---",
    "Extract the keywords from the abstract:\n\n{passage}",
    "What's the sentiment of this review, positive or negative?\n\n\"{review}\"",
    "Classify this message as spam or not spam: {review}",
    "Give a headline for this news story.\n\n{passage}",
    "Does the following email ask for a refund? Answer from the text.\n\n{mail}",
    "Condense this email thread into a short summary:\n\n{mail}\n{mail2}",
    "What was the last thing the writer did, going by the text? {passage}",
    "请总结下面这段文字：\n\n{文}",
    "{文}\n\n根据上文，这件事发生在什么地方？",
    "阅读材料回答问题。\n材料：{文}\n问题：文中提到了哪些人？",
    "用一句话概括以下内容：{文}",
    "请从下面的文章中找出所有的时间和数字。\n\n{文}",
    "短文：{文}\n问题：最后结果怎么样？请用原文回答。",
    "提取这段话的关键词：\n{文}",
    "给下面的新闻拟一个标题：\n{文}",
    "{文}{文2}\n\n以上内容的主要观点是什么？",
    "把这段文字缩写到{a}字以内：\n\n{文}",
    "根据以下会议记录，列出决定了哪些事情：\n{记}",
    "下面这条评论是好评还是差评？\n“{评}”",
    "文中哪一句话说明了原因？请原样引用。\n{文}",
    "请帮我摘要一下 this article：\n{passage}",
    "读完下面的内容，告诉我作者为什么这样做。如果没有提到，就说没有提到。\n\n{文}",
    "这篇报道讲了什么？\n\n{文}{文2}",
    "从下文中抽取公司名称和负责人：{文}",
};

constexpr const char* kTranslationPatterns[] = {
    "Translate the following sentence into {tongue}: {sent}",
    "Translate to {tongue}:\n\n{passage}",
    "How do you say \"{short}\" in {tongue}?",
    "{sent}\n\nTranslate this into {tongue}, please.",
    "What is the {tongue} for \"{short}\"?",
    "Please translate this paragraph from English to {tongue}. Keep the tone.\n\n{passage}",
    "English to Chinese: {sent}",
    "Translate into English: {句}",
    "Translate the text below to English.\n\n{文}",
    "Render this in idiomatic {tongue}: \"{sent}\"",
    "I need the {tongue} version of this email:\n\n{mail}",
    "Could you give me a {tongue} translation of: {sent}",
    "{tongue} translation:\n{sent}",
    "What does \"{句}\" mean in English?",
    "translate: {sent} -> {tongue}",
    "Translate each line into {tongue}:\n1. {sent}\n2. {sent2}\n3. {short}",
    "Put the following into {tongue} for a formal letter.\n{passage}",
    "You are a professional translator. Translate the user's text to {tongue} and output nothing "
    "else.\n\n{sent}",
    "Source (English): {sent}\nTarget ({tongue}):",
    "把下面的句子翻译成{语}：{sent}",
    "请将以下内容翻译成{语}：\n\n{passage}",
    "翻译成英文：{句}",
    "“{句}”用{语}怎么说？",
    "{句}\n\n请把上面这句话译成英语。",
    "英译中：{sent}",
    "中译英：{句}",
    "将这段中文翻译为{语}，要求通顺、正式：\n{文}",
    "翻译一下：{sent}",
    "帮我翻译这封邮件：\n{mail}",
    "请翻译：{short}",
    "\"{short}\"是什么意思？翻译成中文。",
    "这句话的{语}翻译是什么：{句}",
    "麻烦translate一下这段话到{语}：{文}",
    "请把下面的文字从中文译成{语}。\n\n{文}",
    "以下是一段英文，请给出中文译文。\n{passage}",
    "逐句翻译：\n{sent}\n{sent2}",
};

constexpr const char* kStructuredPatterns[] = {
    "Return a JSON object with the keys {keys} for the following text:\n\n{passage}",
    "Extract the information as JSON: {passage}\nUse this schema: {schema}",
    "Output only valid JSON. Fields: {keys}.\n\n{mail}",
    "Make a markdown table with columns {keys} from this list: {list}",
    "Convert the following to CSV with a header row:\n{list}",
    "Give me a YAML configuration for a server with the fields {keys}.",
    "List the {list} as a JSON array of objects with {keys}.",
    "Respond in JSON with {\"answer\": ..., \"confidence\": ...}. {q}",
    "Fill in this template and return "
    "XML:\n<record><name></name><date></date></record>\n\n{passage}",
    "Create a table that compares {list} by price, size and weight.",
    "Turn these notes into a JSON list of tasks with owner and due date.\n\n{notes}",
    "Parse this address into street, city and zip code, as JSON: {addr}",
    "Format as a markdown table:\n{list}",
    "{passage}\n\nReturn the people and places in the text as {\"people\": [], \"places\": []}.",
    "Generate {b} example records in JSON with these properties: {keys}",
    "I want the output in exactly this format:\nName: <name>\nDate: <date>\nAmount: "
    "<amount>\n\nInput: {mail}",
    "Your reply must match this JSON schema: {schema}\n\nInput: {review}",
    "Write a timetable for my week as a table with one column for each day. {notes}",
    "Convert this JSON to YAML:\n{json}",
    "Validate and pretty-print this JSON: {json}",
    "Give the result as a bulleted list grouped by category, then as CSV: {list}",
    "Classify each of these into categories, output one JSON line per item: {list}",
    "Call the function get_weather with the right arguments as JSON. The user says: what is the "
    "weather in {country} on {day}?",
    "Produce an INI file with sections for {keys}.",
    "From the invoice below produce {\"number\": string, \"total\": number, \"items\": "
    "[...]}.\n\n{mail}",
    "请把下面的信息整理成JSON，字段为{keys}：\n\n{文}",
    "用表格列出{表}的优缺点。",
    "请以JSON格式输出，包含{keys}三个字段。{问}",
    "把以下内容转换成CSV：\n{表}",
    "将下列数据整理成markdown表格，列名为名称、价格、数量：{表}",
    "从文本中抽取实体，按{\"人名\": [], \"地名\": []}的格式返回。\n{文}",
    "生成{b}条测试数据，JSON数组，每条有{keys}。",
    "只输出JSON，不要解释：{文}",
    "请按如下格式回答：\n【姓名】\n【时间】\n【地点】\n\n{文}",
    "把会议记录整理为表格，列为事项、负责人、截止日期。\n{记}",
    "输出一个XML文件，包含{keys}这几个节点。",
    "解析这个地址，返回省、市、区的JSON：{址}",
    "请用YAML写一份配置，字段有{keys}",
    "将这份JSON转换成表格：{json}",
    "制作一张课程表，表格形式，周一到周五每天{b}节课",
    "return json only：{文} keys 用 {keys}",
};

}  // namespace

Patterns extraction_patterns() {
  return kExtractionPatterns;
}

Patterns translation_patterns() {
  return kTranslationPatterns;
}

Patterns structured_patterns() {
  return kStructuredPatterns;
}

}  // namespace pangu::adaptive
