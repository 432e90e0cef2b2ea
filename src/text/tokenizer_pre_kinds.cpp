// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer_pre_kinds.h"

#include <algorithm>

#include "text/pretokenizer.h"

namespace pangu::text {
namespace {

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

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
        {"qwen2", {kQwen2Pattern}, true},
        {"deepseek-r1-qwen", {kQwen2Pattern}, true},
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
