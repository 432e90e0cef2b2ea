// SPDX-License-Identifier: Apache-2.0
// Turns a conversation into the text a model was trained on, by the model's own chat template.
#pragma once

#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/chat.h"

namespace pangu {

namespace jinja {
struct Limits;
}  // namespace jinja

/// JSON that keeps the order of keys: templates print tools and calls in the order given.
using ChatJson = nlohmann::ordered_json;

struct RenderOptions {
  /// Ends the text with the opening of the assistant's turn.
  bool add_generation_prompt = true;
  /// Tool descriptions in the OpenAI form; none when null.
  ChatJson tools = nullptr;
  /// More variables, such as enable_thinking; an object or null. They win over the standard ones.
  ChatJson extra = nullptr;
  /// What strftime_now() tells; the clock's time when absent.
  std::optional<std::time_t> now = std::nullopt;
};

/// A stretch of the rendered text that was written by the template, or that came from the
/// conversation, the tools or the options.
struct Segment {
  std::string text;
  bool is_template;
  bool operator==(const Segment&) const = default;
};

/// How a template takes the choice.
enum class ThinkingStyle {
  kNone,   // not at all
  kTags,   // openPangu: a tag at the end of the user's message
  kSwitch  // Qwen3: the variable enable_thinking
};

/// Never changes after parse(), cheap to copy; any number of threads may render at once.
class ChatTemplate {
 public:
  struct Options {
    /// The tokenizer's special strings, seen by the template as bos_token, ...
    std::string bos_token = {};
    std::string eos_token = {};
    std::string unk_token = {};
    std::string pad_token = {};
    /// Names the template in errors, such as "tokenizer_config.json of /models/x".
    std::string origin = "the chat template";
  };

  /// throws ConfigError "no chat template" when `source` is empty or blank, and for a malformed
  ///        template; Unsupported naming the line for a tag that does not exist.
  static ChatTemplate parse(std::string_view source, Options options);
  static ChatTemplate parse(std::string_view source, Options options, const jinja::Limits& limits);

  /// The prompt as one string.
  /// throws InputError when the template refuses the conversation, a role is one that it would
  ///        leave out, a text is not UTF-8, or what a message has as JSON is none;
  ///        ConfigError and Unsupported for what goes wrong within the template.
  std::string render(std::span<const Message> messages, const RenderOptions& options = {}) const;

  /// The same text in pieces, neighbours being of different origin. Special tokens are to be looked
  /// for in template pieces alone, so that no message can forge one. Throws as render().
  std::vector<Segment> render_segments(std::span<const Message> messages,
                                       const RenderOptions& options = {}) const;

  /// The same of messages as JSON has them, with the keys each of them has and no others, in their
  /// order. throws InputError unless `messages` is an array of objects, each with a role and with
  ///        content or tool_calls; else as render().
  std::vector<Segment> render_messages(const ChatJson& messages,
                                       const RenderOptions& options = {}) const;

  ThinkingStyle thinking_style() const { return thinking_style_; }

  /// Whether the template has this word. A variable that it does not name changes nothing.
  bool names(std::string_view word) const;

  /// What the template is called in errors.
  const std::string& origin() const { return options_.origin; }

  /// The template that prompts with tools are written with: this one, or, where it is openPangu's,
  /// which has no place for them, the one in openpangu_template.h. Without tools and calls both
  /// write the same.
  ChatTemplate for_tools() const;

 private:
  struct Parsed;
  ChatTemplate(std::shared_ptr<const Parsed> parsed, Options options);

  std::shared_ptr<const Parsed> parsed_;
  Options options_;
  ThinkingStyle thinking_style_;
};

/// Asks for a mode of thinking: adds the tag to the last user message, or the variable to
/// `options`. kDefault changes nothing, and neither does kSlow for openPangu, whose models that
/// know modes think slowly unless told otherwise.
/// throws Unsupported if the template has no such mode; InputError if a tag is needed and there is
///        no user message with plain text.
void apply_thinking(const ChatTemplate& chat_template, Thinking mode,
                    std::vector<Message>& messages, RenderOptions& options);

}  // namespace pangu
