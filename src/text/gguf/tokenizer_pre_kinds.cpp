// SPDX-License-Identifier: Apache-2.0
#include "text/gguf/tokenizer_pre_kinds.h"

#include <algorithm>

#include "text/pre_tokenizer/pretokenizer.h"

namespace pangu::text {
namespace {

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen35Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|)"
    R"( ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4oPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// DeepSeek's files have line ends as themselves, not as escapes.
constexpr std::string_view kLineEnd = "[\r\n]";
// The letters with case of an older Unicode, one by one.
constexpr std::string_view kCasedWord =
    "\\s?["
    "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293"
    "\u0295-\u02AF\u0370-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C"
    "\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5"
    "\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77"
    "\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59"
    "\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC"
    "\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107"
    "\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139"
    "\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE"
    "\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E"
    "\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\U00010400-\U0001044F"
    "\U000104B0-\U000104D3\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2"
    "\U000118A0-\U000118DF\U0001E900-\U0001E943"
    "]+";
constexpr std::string_view kAsciiPunctuation =
    "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
constexpr std::string_view kSpacesAtEnd = R"(\s+$)";
constexpr std::string_view kUncased = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
constexpr std::string_view kHanAndKana = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
constexpr std::string_view kDeepseekV3Pattern =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|)"
    "[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|"
    R"(\s+(?!\S)|\s+)";

}  // namespace

const std::vector<PreKind>& pre_kinds() {
  static const std::vector<PreKind> kinds = [] {
    const std::string_view gpt2 = gpt2_pattern();
    const std::vector<std::string_view> digits_then_gpt2 = {R"(\p{N})", gpt2};
    return std::vector<PreKind>{
        {"default", {R"([\p{P}\$\+<=>\^~\|]+)", gpt2, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
        {"gpt-2", {gpt2}},
        {"phi-2", {gpt2}},
        {"mpt", {gpt2}},
        {"olmo", {gpt2}},
        {"jais", {gpt2}},
        {"llama-bpe", {kLlama3Pattern}, false, true, true},
        {"llama3", {kLlama3Pattern}, false, true, true},
        {"llama-v3", {kLlama3Pattern}, false, true, true},
        {"falcon3", {kLlama3Pattern}, false, true, true},
        {"falcon-h1", {kLlama3Pattern}, false, true, true},
        {"smaug-bpe", {kLlama3Pattern}},
        {"dbrx", {kLlama3Pattern}},
        {"qwen2", {kQwen2Pattern}, true},
        {"deepseek-r1-qwen", {kQwen2Pattern}, true},
        {"qwen35", {kQwen35Pattern}, true},
        {"tekken", {kTekkenPattern}, false, true, true},
        {"gpt-4o", {kGpt4oPattern}},
        {"llama4", {kGpt4oPattern}},
        {"deepseek-llm",
         {kLineEnd, kCasedWord, kAsciiPunctuation, kSpacesAtEnd, kUncased, R"(\p{N})"}},
        {"deepseek-coder", {kLineEnd, R"(\s?\p{L}+)", R"(\s?\p{P}+)", kUncased, R"(\p{N})"}},
        {"deepseek-v3", {R"(\p{N}{1,3})", kHanAndKana, kDeepseekV3Pattern}},
        {"starcoder", digits_then_gpt2},
        {"refact", digits_then_gpt2},
        {"command-r", digits_then_gpt2},
        {"smollm", digits_then_gpt2},
        {"codeshell", digits_then_gpt2},
    };
  }();
  return kinds;
}

const PreKind* find_pre_kind(std::string_view name) {
  const auto it = std::ranges::find(pre_kinds(), name, &PreKind::name);
  return it == pre_kinds().end() ? nullptr : &*it;
}

}  // namespace pangu::text
