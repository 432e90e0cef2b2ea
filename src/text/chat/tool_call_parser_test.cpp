// SPDX-License-Identifier: Apache-2.0
// Every family's calls, whole and cut into pieces, and what becomes of replies that are not as they
// should be.
#include "text/chat/tool_call_parser.h"

#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "base/utf8.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using test::LettersTokenizer;

struct CallsOfReply {
  std::string text;
  std::vector<ToolCall> calls;
  bool operator==(const CallsOfReply&) const = default;
};
void PrintTo(const CallsOfReply& r, std::ostream* out) {
  *out << '"' << r.text << '"';
  for (const ToolCall& c : r.calls) {
    *out << " " << c.name << "(" << c.arguments << (c.is_complete ? ")" : " ...");
  }
}

void add(CallsOfReply& reply, const ToolCallParts& parts) {
  reply.text += parts.text;
  for (const ToolCallDelta& delta : parts.calls) {
    const bool is_new = delta.index == std::ssize(reply.calls);
    EXPECT_EQ(is_new, !delta.id.empty());
    EXPECT_EQ(is_new, !delta.name.empty());
    EXPECT_TRUE(is_new || !reply.calls.back().is_complete);
    add_delta(reply.calls, delta);
  }
}

/// The format with this family's name, with its markers as tokens or spelled.
ToolCallFormat format_of(std::string_view family, bool as_tokens) {
  for (ToolCallFormat f : known_tool_call_formats()) {
    if (f.family != family) continue;
    if (as_tokens) f.begin_id = 256;
    if (as_tokens && !f.end.empty()) f.end_id = 257;
    return f;
  }
  throw std::logic_error("no such family");
}

/// Feeds a reply in which markers are spelled; where they are tokens, they are turned into some.
/// `piece` says how long the next piece of text is.
template <class Piece>
CallsOfReply parsed(const ToolCallFormat& format, std::string_view reply, Piece piece) {
  ToolCallParser parser(format, 7);
  CallsOfReply out;
  while (!reply.empty()) {
    std::size_t n = std::min<std::size_t>(reply.size(), piece());
    if (format.are_tokens()) {
      const bool begins = reply.starts_with(format.begin);
      const bool ends = !format.end.empty() && reply.starts_with(format.end);
      if (begins || ends) {
        const TokenId id = begins ? *format.begin_id : *format.end_id;
        EXPECT_TRUE(parser.is_marker(id));
        add(out, parser.turn(id));
        reply.remove_prefix((begins ? format.begin : format.end).size());
        continue;
      }
      n = std::min(n, reply.find(format.begin));
      if (!format.end.empty()) n = std::min(n, reply.find(format.end));
    }
    add(out, parser.take(reply.substr(0, n)));
    reply.remove_prefix(n);
  }
  add(out, parser.flush());
  return out;
}

CallsOfReply parsed(const ToolCallFormat& format, std::string_view reply) {
  return parsed(format, reply, [] { return 1000; });
}

/// Whether the family's markers may be spelled by several tokens.
bool may_be_spelled(std::string_view family) {
  return family != "openPangu";
}

/// The same for markers that are tokens and for spelled ones, at once and byte by byte.
CallsOfReply parsed(std::string_view family, std::string_view reply) {
  const CallsOfReply want = parsed(format_of(family, true), reply);
  EXPECT_EQ(parsed(format_of(family, true), reply, [] { return 1; }), want) << reply;
  if (!may_be_spelled(family)) return want;
  EXPECT_EQ(parsed(format_of(family, false), reply), want) << reply;
  EXPECT_EQ(parsed(format_of(family, false), reply, [] { return 1; }), want) << reply;
  return want;
}

ToolCall call(std::int64_t index, std::string name, std::string arguments,
              bool is_complete = true) {
  return {.id = tool_call_id(7, index),
          .name = std::move(name),
          .arguments = std::move(arguments),
          .is_complete = is_complete};
}

CallsOfReply only_text(std::string_view text) {
  return {.text = std::string(text), .calls = {}};
}

TEST(ToolCalls, OfOpenPangu) {
  const CallsOfReply one = {"", {call(0, "get_weather", R"({"city": "北京", "days": 2})")}};
  for (
      const char* reply :
      {R"([unused11][{"name": "get_weather", "arguments": {"city": "北京", "days": 2}}][unused12])",
       R"([unused11] {"name":"get_weather","parameters":{"city": "北京", "days": 2}}[unused12])",
       R"([unused11]get_weather|{"city": "北京", "days": 2}[unused12])",
       R"([unused11]get_weather|{"city": "北京", "days": 2})",
       "[unused11]\nget_weather| {\"city\": \"北京\", \"days\": 2}\n[unused12]\n"}) {
    EXPECT_EQ(parsed("openPangu", reply), one) << reply;
  }
  EXPECT_EQ(parsed("openPangu",
                   "Let me see.\n[unused11][{\"name\": \"a\", \"arguments\": {}},\n {\"name\": "
                   "\"b\", \"arguments\": {\"x\": [1, {\"y\": null}]}}][unused12]"),
            (CallsOfReply{"Let me see.",
                          {call(0, "a", "{}"), call(1, "b", R"({"x": [1, {"y": null}]})")}}));
  EXPECT_EQ(parsed("openPangu", "[unused11]a|{}[unused12]\n[unused11]b|{\"x\":1}[unused12] Done."),
            (CallsOfReply{" Done.", {call(0, "a", "{}"), call(1, "b", R"({"x":1})")}}));
}

TEST(ToolCalls, OfOpenPangu2) {
  EXPECT_EQ(parsed("openPangu 2.0",
                   R"(<|tool_call_start|>[{"name": "f", "arguments": {"a": "<|tool_call_e"}}])"
                   R"(<|tool_call_end|>)"),
            (CallsOfReply{"", {call(0, "f", R"({"a": "<|tool_call_e"})")}}));
  // A name and a bar are openPangu-Embedded's.
  const std::string_view named = "<|tool_call_start|>f|{}<|tool_call_end|>";
  EXPECT_EQ(parsed("openPangu 2.0", named), only_text(named));
}

TEST(ToolCalls, OfHermesAndQwen) {
  EXPECT_EQ(
      parsed("Hermes",
             "Sure.\n\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"}\\\"{\"}}\n"
             "</tool_call>\n<tool_call>\n{\"arguments\": {\"b\": 2}, \"name\": \"g\"}\n"
             "</tool_call>\n"),
      (CallsOfReply{"Sure.", {call(0, "f", R"({"a": "}\"{"})"), call(1, "g", R"({"b": 2})")}}));
  EXPECT_EQ(parsed("Hermes", R"(<tool_call>{"name": "f"}</tool_call>)"),
            (CallsOfReply{"", {call(0, "f", "{}")}}));
  EXPECT_EQ(parsed("Hermes", R"(<tool_call>{"name":"f","arguments":null}</tool_call> and on)"),
            (CallsOfReply{" and on", {call(0, "f", "{}")}}));
}

TEST(ToolCalls, OfLlama3) {
  EXPECT_EQ(parsed("Llama 3", R"({"name": "f", "parameters": {"a": "b"}})"),
            (CallsOfReply{"", {call(0, "f", R"({"a": "b"})")}}));
  EXPECT_EQ(parsed("Llama 3", R"(
<|python_tag|>{"type": "function", "name": "f", "parameters": {}}; {"name": "g", "parameters": {}})"),
            (CallsOfReply{"", {call(0, "f", "{}"), call(1, "g", "{}")}}));
  // What a model answers in JSON, and Python, are text; so is a call that does not come first.
  for (const char* text : {R"({"name": "Ada", "age": 36})", R"({"name": "Ada"})",
                           R"( {"city": "x"} )", R"(<|python_tag|>brave_search.call(query="x"))",
                           R"(See: {"name": "f", "parameters": {"a": "b"}})"}) {
    EXPECT_EQ(parsed("Llama 3", text), only_text(text));
  }
}

TEST(ToolCalls, ArgumentsAreGivenOnAsTheyAreWritten) {
  const auto arguments = [](std::string_view written) {
    const auto reply = parsed("Hermes", R"(<tool_call>{"name":"f","arguments":)" +
                                            std::string(written) + "}</tool_call>");
    EXPECT_EQ(reply.text, "");
    EXPECT_EQ(reply.calls.size(), 1u);
    return reply.calls.empty() ? "" : reply.calls[0].arguments;
  };
  for (const char* as_is :
       {"{ }", R"({"a" : 1.50 ,"b":[ ] })", R"({"x":"\u00e9\n é </tool_call> [unused12]"})",
        R"({"deep":{"a":[[{"b":"]}"}]]}})"}) {
    if (std::string_view(as_is).find("</tool_call>") == std::string_view::npos) {
      EXPECT_EQ(arguments(as_is), as_is);
    }
  }
  // Markers that are spelled are text within strings.
  const auto quoting = R"({"x": "</tool_call><tool_call>"})";
  EXPECT_EQ(parsed(format_of("Hermes", false), R"(<tool_call>{"name":"f","arguments":)" +
                                                   std::string(quoting) + "}</tool_call>"),
            (CallsOfReply{"", {call(0, "f", quoting)}}));
  // An object within a string is what is meant, and line ends are what they are.
  EXPECT_EQ(arguments(R"("{\"a\": \"b\\nc\"}")"), R"({"a": "b\nc"})");
  EXPECT_EQ(arguments("{\"code\": \"a\nb\\d\"}"), R"({"code": "a\nb\\d"})");
}

TEST(ToolCalls, BracketsMayBeClosedTooOftenOrNotAtAll) {
  const CallsOfReply want = {"", {call(0, "f", R"({"a":{"b":1}})")}};
  for (const char* body :
       {R"([{"name":"f","arguments":{"a":{"b":1}}}}])",
        R"([{"name":"f","arguments":{"a":{"b":1}}]])", R"([{"name":"f","arguments":{"a":{"b":1}}])",
        R"([{"name":"f","arguments":{"a":{"b":1}])", R"([{"name":"f","arguments":{"a":{"b":1)",
        R"(f|{"a":{"b":1}}})", R"(f|{"a":{"b":1})",
        R"([{"name":"f","arguments":{"a":{"b":1}}},])"}) {
    EXPECT_EQ(parsed("openPangu", "[unused11]" + std::string(body) + "[unused12]"), want) << body;
  }
  EXPECT_EQ(parsed("openPangu", "[unused11]f|[unused12]"),
            (CallsOfReply{"", {call(0, "f", "{}")}}));
}

TEST(ToolCalls, WhatIsNoneIsTextWithItsMarkers) {
  for (const char* text :
       {"", " ", "Hello.\n", "a [unused12] b", "[unused11]", "[unused11][unused12]",
        "[unused11][][unused12]", "x [unused11] y [unused12]", "[unused11]{}[unused12]",
        "[unused11][{\"name\": \"f\", \"unknown\": 1}][unused12]",
        "[unused11][{'name': 'f'}][unused12]",
        "[unused11][{\"name\": \"\", \"arguments\": {}}][unused12]",
        "[unused11]two words|{}[unused12]",
        "[unused11][{\"name\": \"f\", \"arguments\": [1]}][unused12]",
        "[unused11][{\"name\": \"f\", \"arguments\": \"x\"}][unused12]",
        "[unused11][{\"name\": \"f\", \"name\": \"g\"}][unused12]",
        "[unused11][{\"arguments\": {}}][unused12]", "[unused11][{\"name\": \"f",
        "a [unused11] \n"}) {
    EXPECT_EQ(parsed("openPangu", text), only_text(text));
  }
  for (const char* text :
       {"<tool_call>\n<function=f>\n</function>\n</tool_call>", "<tool_cal", "a < b",
        "<tool_call></tool_call>", "</tool_call>", "<tool_call>f|{}</tool_call>"}) {
    EXPECT_EQ(parsed("Hermes", text), only_text(text));
  }
  // Each call stands on its own, before and after what is none.
  EXPECT_EQ(
      parsed("openPangu",
             "[unused11]f|{}[unused12] [unused11]?[unused12][unused11][unused11]g|{}[unused12]"),
      (CallsOfReply{" [unused11]?[unused12][unused11]", {call(0, "f", "{}"), call(1, "g", "{}")}}));
}

TEST(ToolCalls, ThatGoWrongStayIncompleteAndTheRestIsText) {
  EXPECT_EQ(parsed("openPangu", R"([unused11]f|{"a": True}[unused12] x)"),
            (CallsOfReply{"True}[unused12] x", {call(0, "f", R"({"a": )", false)}}));
  EXPECT_EQ(parsed("openPangu", R"([unused11][{"name":"f","arguments":{}}, {"nme":1}][unused12])"),
            (CallsOfReply{R"( {"nme":1}][unused12])", {call(0, "f", "{}")}}));
  // The reply ends before the call does.
  EXPECT_EQ(parsed("openPangu", R"([unused11]f|{"a": "b)"),
            (CallsOfReply{"", {call(0, "f", R"({"a": "b)", false)}}));
  EXPECT_EQ(parsed("Hermes", R"(<tool_call>{"name":"f","arguments":{"a":"\u00)"),
            (CallsOfReply{"", {call(0, "f", R"({"a":"\u00)", false)}}));
  EXPECT_EQ(parsed("openPangu", R"([unused11]f|{"a": "b[unused12]!)").calls,
            std::vector<ToolCall>{call(0, "f", R"({"a": "b)", false)});
}

TEST(ToolCalls, ComeAsTheyAreWritten) {
  ToolCallParser parser(format_of("Hermes", false), 7);
  std::vector<std::string> seen;
  for (const char* piece : {"Hi", " ", "\n<tool", "_call>\n{\"na", "me\": \"f\", \"argu",
                            "ments\": {", "\"a\": ", "\"b c", "\"}", "}\n</tool_", "call>"}) {
    const ToolCallParts parts = parser.take(piece);
    std::string got = parts.text;
    for (const ToolCallDelta& d : parts.calls) {
      got +=
          "#" + std::to_string(d.index) + d.name + ":" + d.arguments + (d.is_complete ? "." : "");
    }
    seen.push_back(got);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"Hi", "", "", "", "", "#0f:{", "#0:\"a\": ", "#0:\"b c",
                                            "#0:\"}.", "", ""}));
}

/// Models that go astray write blanks without end: time must not grow with their square.
TEST(ToolCalls, ManyBlanksTakeNoTime) {
  const std::string blanks(300'000, ' ');
  for (const char* family : {"openPangu", "Hermes", "Llama 3"}) {
    const ToolCallFormat format = format_of(family, family == std::string_view("openPangu"));
    EXPECT_EQ(parsed(format, blanks + "x" + blanks).text.size(), 2 * blanks.size() + 1);
    const auto called = parsed(format, std::string(format.begin) + blanks + "{\"name\":" + blanks +
                                           "\"f\"}" + blanks + std::string(format.end));
    EXPECT_EQ(called, (CallsOfReply{"", {call(0, "f", "{}")}}));
  }
}

TEST(ToolCalls, HaveIdsThatTellThemApart) {
  EXPECT_EQ(tool_call_id(7, 0), tool_call_id(7, 0));
  EXPECT_NE(tool_call_id(7, 0), tool_call_id(7, 1));
  EXPECT_NE(tool_call_id(7, 0), tool_call_id(8, 0));
  EXPECT_EQ(tool_call_id(7, 0).size(), std::string_view("call_").size() + 16);
}

/// Where markers are tokens, text that looks like one is text.
TEST(ToolCalls, TextThatLooksLikeATokenIsText) {
  ToolCallParser parser(format_of("openPangu", true), 7);
  CallsOfReply out;
  add(out, parser.take("[unused11]f|{}[unused12]"));
  add(out, parser.flush());
  EXPECT_EQ(out, only_text("[unused11]f|{}[unused12]"));
}

/// Replies made of calls and text, of which it is known what they are.
class MadeReply {
 public:
  MadeReply(const ToolCallFormat& format, std::mt19937_64& random)
      : format_(format), random_(random) {
    if (random_() % 2 == 0 && !format.begin_is_optional) say();
    for (std::size_t blocks = random_() % 3; blocks > 0; --blocks) {
      block();
      if (random_() % 4 == 0) say();
    }
  }

  std::string written;
  CallsOfReply want;

 private:
  template <class T>
  const T& any(const std::vector<T>& from) {
    return from[random_() % from.size()];
  }

  void say() {
    static const std::vector<std::string> texts = {"Sure.", "你好",  "a{b}",
                                                   "x < y", "\"q\"", "[1]"};
    const std::string& text = any(texts);
    written += text;
    want.text += text;
  }

  void block() {
    const ToolCallText around = tool_call_text(format_);
    written += format_.begin;
    if (format_.may_be_named && random_() % 2 == 0) {
      const auto [name, arguments] = next_call();
      written += name + "|" + arguments;
    } else {
      written += format_.open;
      std::size_t calls = format_.between_calls.empty() ? 1 : 1 + random_() % 3;
      for (bool first = true; calls > 0; --calls, first = false) {
        const auto [name, arguments] = next_call();
        if (!first) written += format_.between_calls;
        written += around.before_name + name + around.before_arguments + arguments;
        written += around.after_arguments;
      }
      written += format_.close;
    }
    written += format_.end;
  }

  std::pair<std::string, std::string> next_call() {
    static const std::vector<std::string> names = {"f", "get_weather", "mcp:fs/read-file", "查"};
    static const std::vector<std::string> values = {
        "1",         "-2.5e3",    "null", "\"\"",
        "\"a}b]c\"", R"("\"\\")", "[]",   R"({"k": [{}, "北京"]})",
        "\" | , ;\""};
    std::string arguments = "{";
    for (std::size_t n = random_() % 3, i = 0; i < n; ++i) {
      arguments +=
          (i > 0 ? ", " : "") + std::string("\"k") + std::to_string(i) + "\": " + any(values);
    }
    arguments += "}";
    const std::string& name = any(names);
    want.calls.push_back(call(std::ssize(want.calls), name, arguments));
    return {name, arguments};
  }

  const ToolCallFormat& format_;
  std::mt19937_64& random_;
};

TEST(ToolCallProperties, WhatIsWrittenIsReadInAnyPieces) {
  std::mt19937_64 random(test::seed());
  const auto rounds = test::number_from("PANGU_TEST_REPLIES", test::kSanitized ? 200 : 2000);
  for (const ToolCallFormat& known : known_tool_call_formats()) {
    for (std::int64_t round = 0; round < rounds; ++round) {
      const ToolCallFormat format =
          format_of(known.family, round % 2 == 0 || !may_be_spelled(known.family));
      const MadeReply reply(format, random);
      const std::size_t longest = 1 + random() % 12;
      const auto got = parsed(format, reply.written, [&] { return 1 + random() % longest; });
      ASSERT_EQ(got, reply.want) << reply.written;
    }
  }
}

/// How often each byte occurs.
std::map<char, int> counted(std::string_view text) {
  std::map<char, int> n;
  for (const char c : text) ++n[c];
  return n;
}

/// Damaged replies: any pieces give the same, and what no markup has is in text or calls.
TEST(ToolCallProperties, DamagedRepliesLoseNothing) {
  std::mt19937_64 random(test::seed());
  const auto rounds = test::number_from("PANGU_TEST_REPLIES", test::kSanitized ? 300 : 3000);
  // Bytes of markers, keys and JSON's own; a name may be written with escapes.
  const std::string_view markup = "abcdefghijklmnopqrstuvwxyz_|<>/[]{}\",:; \n\t\\0123456789N";
  for (const ToolCallFormat& known : known_tool_call_formats()) {
    for (std::int64_t round = 0; round < rounds; ++round) {
      const ToolCallFormat format =
          format_of(known.family, round % 2 == 0 || !may_be_spelled(known.family));
      std::string reply = MadeReply(format, random).written + MadeReply(format, random).written;
      const std::vector<std::string> junk = {"X",
                                             "{",
                                             "}",
                                             "\"",
                                             "\\",
                                             "é",
                                             ",",
                                             "[",
                                             "Y|",
                                             std::string(format.begin),
                                             std::string(format.end)};
      for (std::size_t n = 1 + random() % 3; n > 0; --n) {
        const std::size_t at = random() % (reply.size() + 1);
        if (random() % 3 == 0) {
          reply.erase(at, 1 + random() % 3);
        } else {
          reply.insert(at, junk[random() % junk.size()]);
        }
      }
      reply = utf8::sanitized(reply);
      const auto got = parsed(format, reply);
      ASSERT_EQ(parsed(format, reply, [&] { return 1 + random() % 5; }), got) << reply;
      std::string kept = got.text;
      for (const ToolCall& c : got.calls) kept += c.name + c.arguments;
      auto want = counted(reply), have = counted(kept);
      for (const char c : markup) want.erase(c), have.erase(c);
      ASSERT_EQ(have, want) << reply;
      for (const ToolCall& c : got.calls) {
        EXPECT_EQ(c.is_complete, nlohmann::json::accept(c.arguments)) << reply;
      }
    }
  }
}

TEST(ToolCallFormats, AreToldByTemplateAndVocabulary) {
  const auto family = [](std::vector<std::string> markers, std::string source) {
    const auto format = tool_call_format(LettersTokenizer(std::move(markers), std::move(source)));
    return format ? std::string(format->family) + (format->are_tokens() ? " tokens" : "") : "none";
  };
  EXPECT_EQ(family({"[unused11]", "[unused12]"}, "[unused9]系统"), "openPangu tokens");
  EXPECT_EQ(family({}, "[unused9]系统"), "none");
  EXPECT_EQ(family({}, "<tool_call>"), "Hermes");
  EXPECT_EQ(family({"<tool_call>", "</tool_call>"}, "'<tool_call>'"), "Hermes tokens");
  EXPECT_EQ(family({"<tool_call>"}, "'<tool_call>'"), "Hermes");
  EXPECT_EQ(family({}, "<tool_call>\n<function="), "none");
  EXPECT_EQ(family({"<|tool_call_start|>", "<|tool_call_end|>"}, "<|pangu_text_start|>"),
            "openPangu 2.0 tokens");
  EXPECT_EQ(family({"<|python_tag|>"}, "'<|start_header_id|>ipython'"), "Llama 3 tokens");
  EXPECT_EQ(family({}, "{{ messages }}"), "none");
}

}  // namespace
}  // namespace pangu
