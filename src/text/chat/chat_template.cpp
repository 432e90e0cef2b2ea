// SPDX-License-Identifier: Apache-2.0
// Gives a template the variables Hugging Face gives it, and applies modes of thinking.
#include "text/chat/chat_template.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "io/json.h"
#include "jinja/strings.h"
#include "jinja/template.h"
#include "text/chat/message_roles.h"
#include "text/chat/openpangu_template.h"
#include "text/chat/tool_messages.h"

namespace pangu {
namespace {

using jinja::Source;
using jinja::Variable;

/// The system turn that every openPangu template opens with, and no other.
constexpr std::string_view kPanguMark = "[unused9]系统：[unused10]";
constexpr std::string_view kSwitchName = "enable_thinking";
constexpr std::string_view kExtra = "'extra' of a message";

ThinkingStyle detect_thinking(std::string_view source) {
  if (source.find(kPanguMark) != std::string_view::npos) return ThinkingStyle::kTags;
  if (source.find(kSwitchName) != std::string_view::npos) return ThinkingStyle::kSwitch;
  return ThinkingStyle::kNone;
}

void require_object(const ChatJson& json, std::string_view what) {
  if (json.is_null() || json.is_object()) return;
  fail<InputError>("[chat template] {} is of type {}, expected a JSON object or null.", what,
                   json.type_name());
}

/// JSON with its keys in order; null where there is no text. `what` names it in messages.
ChatJson ordered_json(const std::string& text, std::string_view what) {
  if (text.empty()) return nullptr;
  try {
    parse_json(text, what);  // refuses what is too large, malformed or ambiguous
  } catch (const FileError& error) {
    fail<InputError>("[chat template] {}", error.what());
  }
  return ChatJson::parse(text);
}

ChatJson extra_of(const Message& message) {
  ChatJson extra = ordered_json(message.extra, kExtra);
  require_object(extra, kExtra);
  return extra;
}

ChatJson message_json(const Message& message) {
  ChatJson out = {{"role", message.role}, {"content", message.content}};
  if (!message.name.empty()) out["name"] = message.name;
  if (!message.tool_calls.empty()) {
    out["tool_calls"] =
        with_object_arguments(ordered_json(message.tool_calls, "'tool_calls' of a message"));
  }
  const ChatJson extra = extra_of(message);
  for (const auto& [key, value] : extra.items()) out[key] = value;
  return out;
}

std::vector<Variable> variables(const ChatTemplate::Options& tokens, ChatJson messages,
                                const RenderOptions& options) {
  std::vector<Variable> out;
  const auto add = [&](std::string_view name, ChatJson value, Source source) {
    out.push_back({std::string(name), std::move(value), source});
  };
  add("messages", std::move(messages), Source::kContent);
  add("tools", options.tools, Source::kContent);
  add("documents", nullptr, Source::kContent);
  add("add_generation_prompt", options.add_generation_prompt, Source::kTemplate);
  const std::pair<std::string_view, const std::string&> specials[] = {
      {"bos_token", tokens.bos_token},
      {"eos_token", tokens.eos_token},
      {"unk_token", tokens.unk_token},
      {"pad_token", tokens.pad_token}};
  for (const auto& [name, text] : specials) {
    if (!text.empty()) add(name, text, Source::kTemplate);
  }
  require_object(options.extra, "'extra' of the options");
  for (const auto& [name, value] : options.extra.items()) add(name, value, Source::kContent);
  return out;
}

ChatJson message_list(std::span<const Message> messages) {
  ChatJson list = ChatJson::array();
  for (const Message& message : messages) list.push_back(message_json(message));
  return list;
}

/// Whether something that the conversation gave to the text has these words.
bool shows(const jinja::Text& text, std::string_view words) {
  return std::ranges::any_of(text.pieces(), [&](const auto& piece) {
    return piece.source == Source::kContent && piece.text.find(words) != std::string_view::npos;
  });
}

std::vector<Segment> segments_of(const jinja::Text& text) {
  std::vector<Segment> out;
  for (const auto& piece : text.pieces()) {
    out.push_back({std::string(piece.text), piece.source == Source::kTemplate});
  }
  return out;
}

void append_tag(std::vector<Message>& messages, std::string_view tag) {
  const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& message) { return message.role == "user"; });
  if (last == messages.rend()) {
    fail<InputError>(
        "[chat template] the conversation has no user message to add '{}' to. Add one, or leave "
        "the mode of thinking at its default.",
        tag);
  }
  if (extra_of(*last).contains("content")) {
    fail<InputError>(
        "[chat template] the last user message has its content in 'extra', so '{}' cannot be added "
        "to it. Pass it as text.",
        tag);
  }
  if (!last->content.ends_with(tag)) last->content += tag;
}

}  // namespace

/// Shared by copies.
struct ChatTemplate::Parsed {
  std::string source;
  jinja::Template body;

  /// `messages` is an array of objects.
  jinja::Text render(const ChatJson& messages, const Options& tokens,
                     const RenderOptions& options) const {
    const auto unfamiliar = unfamiliar_roles(messages);
    jinja::Text text = body.render(variables(tokens, messages, options), options.now);
    for (const UnfamiliarRole& role : unfamiliar) {
      if (!writes(messages, role, text, tokens, options)) refuse_role(role, body.origin());
    }
    return text;
  }

  /// Whether the text has what a message says: rendered once more with words that nothing else has.
  bool writes(const ChatJson& messages, const UnfamiliarRole& role, const jinja::Text& text,
              const Options& tokens, const RenderOptions& options) const {
    constexpr std::string_view kMark = "pangu\u2063mark\u2063of\u2063a\u2063message";
    ChatJson marked = messages;
    ChatJson& content = marked[role.message - 1]["content"];
    if (!content.is_string()) return shows(text, role.role);
    content = kMark;
    return shows(body.render(variables(tokens, marked, options), options.now), kMark);
  }
};

ChatTemplate::ChatTemplate(std::shared_ptr<const Parsed> parsed, Options options)
    : parsed_(std::move(parsed)),
      options_(std::move(options)),
      thinking_style_(detect_thinking(parsed_->source)) {}

ChatTemplate ChatTemplate::parse(std::string_view source, Options options) {
  return parse(source, std::move(options), jinja::Limits{});
}

ChatTemplate ChatTemplate::parse(std::string_view source, Options options,
                                 const jinja::Limits& limits) {
  if (jinja::stripped(source).empty()) {
    fail<ConfigError>(
        "[chat template] {}: no chat template. The model has none, and none is guessed: pass one, "
        "or give the prompt as plain text.",
        options.origin);
  }
  auto parsed = std::make_shared<const Parsed>(
      Parsed{std::string(source), jinja::Template::parse(source, options.origin, limits)});
  return {std::move(parsed), std::move(options)};
}

bool ChatTemplate::names(std::string_view word) const {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const std::string_view source = parsed_->source;
  for (std::size_t at = source.find(word); at != source.npos; at = source.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_letter(source[at - 1]);
    if (begins && (end == source.size() || !is_letter(source[end]))) return true;
  }
  return false;
}

ChatTemplate ChatTemplate::for_tools() const {
  if (thinking_style_ != ThinkingStyle::kTags || names("tools")) return *this;
  return parse(text::kOpenPanguToolTemplate, options_);
}

std::string ChatTemplate::render(std::span<const Message> messages,
                                 const RenderOptions& options) const {
  return parsed_->render(message_list(messages), options_, options).bytes();
}

std::vector<Segment> ChatTemplate::render_segments(std::span<const Message> messages,
                                                   const RenderOptions& options) const {
  return segments_of(parsed_->render(message_list(messages), options_, options));
}

std::vector<Segment> ChatTemplate::render_messages(const ChatJson& messages,
                                                   const RenderOptions& options) const {
  if (!messages.is_array()) {
    fail<InputError>("[chat template] the messages are of type {}, expected an array.",
                     messages.type_name());
  }
  for (const ChatJson& message : messages) {
    if (message.is_object()) continue;
    fail<InputError>("[chat template] a message is of type {}, expected a JSON object.",
                     message.type_name());
  }
  return segments_of(parsed_->render(messages, options_, options));
}

void apply_thinking(const ChatTemplate& chat_template, Thinking mode,
                    std::vector<Message>& messages, RenderOptions& options) {
  if (mode == Thinking::kDefault) return;
  switch (chat_template.thinking_style()) {
    case ThinkingStyle::kTags:
      if (mode == Thinking::kFast) append_tag(messages, " /no_think");
      if (mode == Thinking::kAuto) append_tag(messages, " /auto_think");
      return;
    case ThinkingStyle::kSwitch:
      if (mode == Thinking::kAuto) {
        fail<Unsupported>(
            "[chat template] the model cannot choose by itself whether to think. Ask for fast or "
            "slow.");
      }
      require_object(options.extra, "'extra' of the options");
      options.extra[std::string(kSwitchName)] = mode == Thinking::kSlow;
      return;
    case ThinkingStyle::kNone:
      break;
  }
  fail<Unsupported>(
      "[chat template] this model's template has no modes of thinking (neither openPangu's tags "
      "nor "
      "'enable_thinking'). Leave the mode at its default.");
}

}  // namespace pangu
