// SPDX-License-Identifier: Apache-2.0
// Time to find the tokens that a grammar allows, with a vocabulary of openPangu's size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "pangu/grammar.h"

namespace pangu {
namespace {

constexpr std::size_t kVocabulary = 153376;

/// All bytes, pieces of JSON and code, words of letters as texts of Zipf's law have them, Chinese
/// words, runs of blanks, and an end-of-text token: made up, with the lengths of real vocabularies.
class MadeUpTokenizer : public Tokenizer {
 public:
  MadeUpTokenizer() {
    std::mt19937_64 rng(20261201);
    for (int c = 0; c < 256; ++c) add(std::string(1, static_cast<char>(c)));
    for (const char* piece :
         {"\":",  "\": ", "\",",  "\", \"", "{\"", "\"}", "\"],", "}}",   "],",   "[{",   "\\n",
          "\\\"", "\"\n", "());", "\"));",  "\\u", "=\"", "\">",  "null", "true", "false"}) {
      add(piece);
    }
    for (std::size_t n = 2; n <= 128; ++n) add(std::string(n, ' '));
    while (bytes_.size() < kVocabulary - 1) add(draw(rng));
    add("<end>");
  }

  TokenId vocab_size() const override { return static_cast<TokenId>(bytes_.size()); }
  std::optional<TokenId> bos_id() const override { return {}; }
  std::optional<TokenId> eos_id() const override { return vocab_size() - 1; }
  std::optional<TokenId> pad_id() const override { return {}; }
  std::optional<TokenId> unk_id() const override { return {}; }
  using Tokenizer::encode;
  std::vector<TokenId> encode(std::span<const TextPiece>, const EncodeOptions&) const override {
    return {};
  }
  const std::string& piece(TokenId id) const override { return bytes(id); }
  const std::string& bytes(TokenId id) const override {
    return bytes_[static_cast<std::size_t>(id)];
  }
  bool is_special(TokenId id) const override { return id == vocab_size() - 1; }
  std::optional<TokenId> id_of(std::string_view) const override { return {}; }
  const std::string& chat_template() const override { return none_; }
  std::string kind() const override { return "made up"; }
  LeadingSpace leading_space() const override { return LeadingSpace::kKeep; }
  bool ends_run(TokenId id) const override { return is_special(id); }

 private:
  void add(std::string bytes) {
    if (known_.insert(bytes).second) bytes_.push_back(std::move(bytes));
  }

  static std::string draw(std::mt19937_64& rng) {
    std::string out;
    const auto kind = rng() % 10;
    if (kind < 3) {  // Chinese
      for (std::size_t n = 1 + rng() % 4; n > 0; --n) {
        const auto c = 0x4E00 + rng() % 6000;
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
      }
      return out;
    }
    if (kind < 7) out = " ";
    static constexpr std::string_view kLetters =
        "eeeetttaaooiinnsshhrrddllccuummwwffggyyppbbvkjxqz";
    for (std::size_t n = 2 + rng() % 9; n > 0; --n) out += kLetters[rng() % kLetters.size()];
    static constexpr std::string_view kEnds = "\"'.,;:()[]{}=/\\_-<>";
    if (kind == 9) out += kEnds[rng() % kEnds.size()];
    return out;
  }

  std::vector<std::string> bytes_;
  std::unordered_set<std::string> known_;
  std::string none_;
};

const std::shared_ptr<const Tokenizer>& vocabulary() {
  static const std::shared_ptr<const Tokenizer> tokenizer = std::make_shared<MadeUpTokenizer>();
  return tokenizer;
}

const GrammarCompiler& grammar_compiler() {
  static const GrammarCompiler compiler(vocabulary());
  return compiler;
}

/// A text in tokens, the longest that fit.
std::vector<TokenId> tokens_of(std::string_view text) {
  static const auto ids = [] {
    std::unordered_map<std::string, TokenId> map;
    for (TokenId id = 0; id < vocabulary()->vocab_size(); ++id) map[vocabulary()->bytes(id)] = id;
    return map;
  }();
  std::vector<TokenId> out;
  while (!text.empty()) {
    std::size_t n = std::min<std::size_t>(text.size(), 16);
    while (n > 1 && !ids.contains(std::string(text.substr(0, n)))) --n;
    out.push_back(ids.at(std::string(text.substr(0, n))));
    text.remove_prefix(n);
  }
  return out;
}

constexpr const char* kSchema = R"({"$defs": {"part": {"type": "object", "properties": {
    "name": {"type": "string", "maxLength": 300}, "count": {"type": "integer", "minimum": 1, "maximum": 5000},
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 20},
    "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}}},
    "required": ["name", "count"], "additionalProperties": false}},
  "type": "object", "properties": {"title": {"type": "string"}, "kind": {"enum": ["small", "large"]},
    "when": {"type": "string", "format": "date"}, "root": {"$ref": "#/$defs/part"}},
  "required": ["title", "root"]})";

std::string part_text(int depth, int index) {
  std::string out =
      R"({"name": "the )" + std::to_string(index) +
      R"( wooden part, 木制的部分, with \"long\" description of what it is and does", "count": )" +
      std::to_string(7 + index) + R"(, "tags": ["heavy", "old and worn out", "the last one"])";
  if (depth > 0) {
    out += R"(, "parts": [)";
    for (int i = 0; i < 3; ++i) out += (i > 0 ? ", " : "") + part_text(depth - 1, 3 * index + i);
    out += "]";
  }
  return out + "}";
}

std::string document() {
  return R"({"title": "All parts of the machine", "kind": "large", "when": "2026-12-01", "root": )" +
         part_text(3, 1) + R"(, "remark": {"seen": true, "by": ["one", "two"]}})";
}

/// Masks of all places of a reply. `is_fresh`: of a grammar that no reply has followed before.
void follow(benchmark::State& state, const std::shared_ptr<const OutputGrammar>& grammar,
            const std::vector<TokenId>& ids, bool is_fresh,
            const std::function<std::shared_ptr<const OutputGrammar>()>& make) {
  auto used = grammar;
  for (auto _ : state) {
    if (is_fresh) {
      state.PauseTiming();
      used = make();
      state.ResumeTiming();
    }
    const auto reply = used->begin();
    for (const TokenId id : ids) {
      benchmark::DoNotOptimize(reply->allowed().data());
      if (!reply->push(id)) return state.SkipWithError("the grammar does not take the text");
    }
  }
  state.counters["tokens"] = static_cast<double>(ids.size());
  state.counters["per_token"] = benchmark::Counter(
      static_cast<double>(ids.size()),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void follow_text(benchmark::State& state, const std::string& text,
                 const std::function<std::shared_ptr<const OutputGrammar>()>& make) {
  follow(state, make(), tokens_of(text), state.range(0) != 0, make);
}

void BM_GrammarSchema(benchmark::State& state) {
  follow_text(state, document(), [] { return grammar_compiler().json_schema(kSchema); });
}
void BM_GrammarAnyObject(benchmark::State& state) {
  follow_text(state, document(), [] { return grammar_compiler().json_object(); });
}
void BM_GrammarRegex(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "the wooden part, of 12 kinds. another one. ";
  follow_text(state, text,
              [] { return grammar_compiler().regex("([a-z]+[ ,]*|\\d{1,3}[ ,]*|\\. ?){1,400}"); });
}
/// Of a string whose length is counted: each token leads to a place that was not seen before.
void BM_GrammarBoundedString(benchmark::State& state) {
  std::string text = "\"";
  for (int i = 0; i < 60; ++i) text += "some more words of it ";
  follow_text(state, text + "\"", [] {
    return grammar_compiler().json_schema(R"({"type": "string", "maxLength": 1400})");
  });
}
void BM_GrammarVocabulary(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(GrammarCompiler(vocabulary()));
}
void BM_GrammarCompileSchema(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(grammar_compiler().json_schema(kSchema));
}

// 0: a grammar that replies have followed before; 1: a fresh one.
BENCHMARK(BM_GrammarSchema)->Arg(0)->Arg(1);
BENCHMARK(BM_GrammarAnyObject)->Arg(0)->Arg(1);
BENCHMARK(BM_GrammarRegex)->Arg(0)->Arg(1);
BENCHMARK(BM_GrammarBoundedString)->Arg(0)->Arg(1);
BENCHMARK(BM_GrammarVocabulary);
BENCHMARK(BM_GrammarCompileSchema);

}  // namespace
}  // namespace pangu
