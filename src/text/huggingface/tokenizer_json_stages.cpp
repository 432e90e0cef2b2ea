// SPDX-License-Identifier: Apache-2.0
// The normalizer, pre-tokenizer and decoder objects of a tokenizer.json.
#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"
#include "text/huggingface/tokenizer_json.h"

namespace pangu::text {
namespace {

// Each piece of the vocabulary is rewritten at load: a long text here would multiply its size.
constexpr std::size_t kMaxReplaceContentBytes = 64;
// Each step is run on each text or piece; no tokenizer in use has a quarter of these.
constexpr std::size_t kMaxSteps = 64;

/// " (Replace)" for an element that names its type.
std::string type_text(const Json& element) {
  if (!element.is_object()) return "";
  const auto type = element.find("type");
  if (type == element.end() || !type->is_string()) return "";
  return fmt::format(" ({})", clipped(type->get_ref<const std::string&>(), 40));
}

/// Refuses one step more than `component` may have.
void check_steps(const JsonObject& json, std::string_view component, std::size_t steps) {
  if (steps < kMaxSteps) return;
  fail<Unsupported>(
      "[tokenizer] {}: the {} has more than {} steps. No tokenizer in use comes near that; is the "
      "file damaged?",
      json.file(), component, kMaxSteps);
}

SplitBehavior read_behavior(const JsonObject& json) {
  const std::string& behavior = json.get_string("behavior");
  if (behavior == "Removed") return SplitBehavior::kRemoved;
  if (behavior == "Isolated") return SplitBehavior::kIsolated;
  if (behavior == "MergedWithPrevious") return SplitBehavior::kMergedWithPrevious;
  if (behavior == "MergedWithNext") return SplitBehavior::kMergedWithNext;
  if (behavior == "Contiguous") return SplitBehavior::kContiguous;
  refuse_component(json, "pre_tokenizer", fmt::format("behavior \"{}\"", behavior));
}

SplitStep regex_split(const JsonObject& json, std::string_view pattern, SplitBehavior behavior) {
  return {Regex(pattern, json.file()), behavior, false};
}

ByteLevelStep read_byte_level(const JsonObject& json) {
  ByteLevelStep step;
  step.add_prefix_space = json.get_bool_or("add_prefix_space", true);
  if (json.get_bool_or("use_regex", true)) {
    step.split = regex_split(json, gpt2_pattern(), SplitBehavior::kIsolated);
  }
  return step;
}

/// prepend_scheme, or the older add_prefix_space.
MetaspaceStep::Prepend read_prepend(const JsonObject& json, std::string_view component) {
  const std::string scheme = json.get_string_or(
      "prepend_scheme", json.get_bool_or("add_prefix_space", true) ? "always" : "never");
  if (scheme == "always") return MetaspaceStep::Prepend::kAlways;
  if (scheme == "first") return MetaspaceStep::Prepend::kFirst;
  if (scheme == "never") return MetaspaceStep::Prepend::kNever;
  refuse_component(json, component, fmt::format("prepend_scheme \"{}\"", scheme));
}

/// What a Metaspace writes for a space: one character, or a chain of them could double a text.
std::string read_replacement(const JsonObject& json) {
  std::string replacement = json.get_string_or("replacement", "\u2581");
  std::size_t end = 0;
  if (!replacement.empty()) utf8::next(replacement, end);
  if (replacement.empty() || end != replacement.size()) json.reject("replacement", "one character");
  return replacement;
}

MetaspaceStep read_metaspace(const JsonObject& json) {
  MetaspaceStep step;
  step.replacement = read_replacement(json);
  step.prepend = read_prepend(json, "pre_tokenizer");
  step.split = json.get_bool_or("split", true);
  return step;
}

void append_normalizer(const JsonObject& json, std::vector<NormalizerStep>& steps) {
  const std::string& type = json.get_string("type");
  check_steps(json, "normalizer", steps.size());
  if (type == "Sequence") {
    for_each_component(json, "normalizers",
                       [&](const JsonObject& part) { append_normalizer(part, steps); });
  } else if (type == "NFC") {
    steps.emplace_back(UnicodeStep{NormalForm::kNfc});
  } else if (type == "NFD") {
    steps.emplace_back(UnicodeStep{NormalForm::kNfd});
  } else if (type == "NFKC") {
    steps.emplace_back(UnicodeStep{NormalForm::kNfkc});
  } else if (type == "NFKD") {
    steps.emplace_back(UnicodeStep{NormalForm::kNfkd});
  } else if (type == "Lowercase") {
    steps.emplace_back(LowercaseStep{});
  } else if (type == "Strip") {
    steps.emplace_back(
        StripStep{json.get_bool_or("strip_left", true), json.get_bool_or("strip_right", true)});
  } else if (type == "Prepend") {
    steps.emplace_back(PrependStep{json.get_string("prepend")});
  } else if (type == "Replace") {
    steps.emplace_back(ReplaceStep{read_pattern(json), json.get_string("content")});
  } else {
    refuse_component(json, "normalizer");
  }
}

void append_pre_tokenizer(const JsonObject& json, std::vector<PreTokenizerStep>& steps) {
  const std::string& type = json.get_string("type");
  check_steps(json, "pre_tokenizer", steps.size());
  if (type == "Sequence") {
    for_each_component(json, "pretokenizers",
                       [&](const JsonObject& part) { append_pre_tokenizer(part, steps); });
  } else if (type == "Split") {
    steps.emplace_back(
        SplitStep{read_pattern(json), read_behavior(json), json.get_bool_or("invert", false)});
  } else if (type == "ByteLevel") {
    steps.emplace_back(read_byte_level(json));
  } else if (type == "Digits") {
    const bool individual = json.get_bool_or("individual_digits", false);
    steps.emplace_back(regex_split(
        json, R"(\p{N})", individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous));
  } else if (type == "Punctuation") {
    // Unicode's punctuation and ASCII's other symbols.
    steps.emplace_back(SplitStep{
        Regex(R"([\p{P}$+<=>^`|~])", json.file()),
        json.contains("behavior") ? read_behavior(json) : SplitBehavior::kIsolated, false});
  } else if (type == "Metaspace") {
    steps.emplace_back(read_metaspace(json));
  } else if (type == "Whitespace") {
    // Words and runs of other signs are kept, what lies between is dropped. The joiners belong to
    // words here: this step is not written for Oniguruma, but with the \w of UTS #18.
    SplitStep step = regex_split(json, R"([\w\x{200C}\x{200D}]+|[^\w\x{200C}\x{200D}\s]+)",
                                 SplitBehavior::kRemoved);
    step.invert = true;
    steps.emplace_back(std::move(step));
  } else if (type == "WhitespaceSplit") {
    steps.emplace_back(regex_split(json, R"(\s)", SplitBehavior::kRemoved));
  } else {
    refuse_component(json, "pre_tokenizer");
  }
}

void read_strip(const JsonObject& json, DecoderFacts& facts) {
  const auto start = json.get_int("start", 0, INT32_MAX);
  if (json.get_string("content") != " " || start > 1 || json.get_int("stop", 0, INT32_MAX) != 0) {
    refuse_component(json, "decoder", "anything but at most one leading space");
  }
  if (start == 1) facts.leading_space = LeadingSpace::kDropOnce;
}

void append_decoder(const JsonObject& json, DecoderFacts& facts) {
  const std::string& type = json.get_string("type");
  check_steps(json, "decoder", facts.replacements.size());
  if (type == "Sequence") {
    for_each_component(json, "decoders",
                       [&](const JsonObject& part) { append_decoder(part, facts); });
  } else if (type == "ByteLevel") {
    facts.byte_level = true;
  } else if (type == "ByteFallback") {
    facts.byte_fallback = true;
  } else if (type == "Replace") {
    const auto pattern = read_pattern(json);
    const auto* literal = std::get_if<std::string>(&pattern);
    if (!literal) refuse_component(json, "decoder", "a regular expression");
    const std::string& content = json.get_string("content");
    if (content.size() > kMaxReplaceContentBytes) {
      refuse_component(json, "decoder",
                       fmt::format("a content of {} bytes, more than {},", content.size(),
                                   kMaxReplaceContentBytes));
    }
    facts.replacements.emplace_back(*literal, content);
  } else if (type == "Strip") {
    read_strip(json, facts);
  } else if (type == "Metaspace") {
    facts.replacements.emplace_back(read_replacement(json), " ");
    if (read_prepend(json, "decoder") != MetaspaceStep::Prepend::kNever) {
      facts.leading_space = LeadingSpace::kDropOnce;
    }
  } else if (type != "Fuse") {  // tokens are always joined
    refuse_component(json, "decoder");
  }
}

}  // namespace

void for_each_component(const JsonObject& json, std::string_view key,
                        const std::function<void(const JsonObject&)>& each) {
  const Json* list = json.find(key);
  if (!list || !list->is_array()) json.reject(key, "an array of components");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& element = (*list)[i];
    each(JsonObject(
        fmt::format("{}, {}[{}]{}", json.file(), json.full_key(key), i, type_text(element)),
        element));
  }
}

void refuse_component(const JsonObject& json, std::string_view component, std::string_view detail) {
  fail<Unsupported>(
      "[tokenizer] {}: the {} of type \"{}\"{}{} is not supported; docs/tokenizers.md lists what "
      "is. Where the model has a SentencePiece file, put it beside tokenizer.json as "
      "tokenizer.model: it is used instead.",
      json.file(), component, utf8::sanitized(json.get_string("type")),
      detail.empty() ? "" : " with ", detail);
}

std::variant<Regex, std::string> read_pattern(const JsonObject& json) {
  const JsonObject pattern = json.get_object("pattern");
  if (pattern.contains("Regex")) return Regex(pattern.get_string("Regex"), json.file());
  const std::string& literal = pattern.get_string("String");
  if (literal.empty()) pattern.reject("String", "a string that is not empty");
  return literal;
}

std::vector<NormalizerStep> read_normalizer(const JsonObject& json) {
  std::vector<NormalizerStep> steps;
  append_normalizer(json, steps);
  return steps;
}

std::vector<PreTokenizerStep> read_pre_tokenizer(const JsonObject& json) {
  std::vector<PreTokenizerStep> steps;
  append_pre_tokenizer(json, steps);
  return steps;
}

DecoderFacts read_decoder(const JsonObject& json) {
  DecoderFacts facts;
  append_decoder(json, facts);
  return facts;
}

}  // namespace pangu::text
