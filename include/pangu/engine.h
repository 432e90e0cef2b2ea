// SPDX-License-Identifier: Apache-2.0
// Load a model, generate text. This is the whole of what most programs need:
//
//   auto engine = pangu::Engine::load("path/to/model");
//   engine.generate("Once upon a time", {}, [](const pangu::GeneratedToken& token) {
//     std::cout << token.text << std::flush;
//   });
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/dtype.h"
#include "pangu/error.h"
#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "pangu/tokenizer.h"

namespace pangu {

struct EngineOptions {
  int threads = 0;              ///< 0: one per physical core that this process may use
  std::string isa = "auto";     ///< auto, ref, avx2, avx512, avx512vnni, avx512bf16
  std::string device = "auto";  ///< auto, cpu
  /// Arithmetic and cache: f32, or bf16 (half the cache, twice the speed of products).
  DType dtype = DType::kBF16;
  /// Formats of the weights in memory (bf16, w8a16, w4a16-g64, q4_0, ...: docs/formats.md); empty
  /// keeps those of the checkpoint. Where `format` alone is given, head and embedding follow from
  /// it.
  std::string format, head_format, embedding_format;
  /// Format of the key/value cache: f32, bf16, int8, int4; empty takes that of the arithmetic.
  std::string kv_format;
  /// Positions that a conversation may have; 0: what the model was trained for, at most 4096. More
  /// than it was trained for are computed, with a logged warning.
  std::int64_t context = 0;
  /// Guessing several tokens at a time: changes speed, never the reply.
  SpeculationOptions speculation = {};
  /// Refuses a model without a usable chat template before its weights are read.
  bool need_chat_template = false;
  /// Called while loading, with the units done and in total; may throw Cancelled.
  std::function<void(std::string_view what, std::int64_t done, std::int64_t total)> progress;
};

enum class FinishReason {
  kStop,      ///< an end-of-text token, a stop token or a stop string
  kLength,    ///< max_tokens, or the context is full (Generation::context_full)
  kCancelled  ///< cancel was requested
};

/// "stop", "length", "cancelled".
std::string_view name(FinishReason reason);

struct GenerateOptions {
  SamplingOptions sampling = {.temperature = 0.0f};
  std::int64_t max_tokens = -1;      ///< -1: until the context is full
  std::vector<std::string> stop;     ///< texts that end the reply; not part of it
  std::vector<TokenId> stop_tokens;  ///< beside the model's end-of-text tokens
  bool ignore_eos = false;           ///< go on past the model's end-of-text tokens
  int top_logprobs = -1;             ///< -1: no log-probabilities; else this many alternatives
  std::stop_token cancel = {};       ///< checked between passes over the model
  /// Tells what the model thinks from what it answers, as replies to chat_prompt() need it: neither
  /// text then has the markers ([unused16], <think>, ...). Without it `text` has all of it, as it
  /// was written.
  bool split_reasoning = false;
  /// Tokens to take in place of the chosen ones while everything is computed as ever: measures how
  /// fast a model of this shape would write a known text.
  std::vector<TokenId> replay = {};
};

/// A token of the reply. `text` is what it completes: whole characters, possibly none, and nothing
/// that may still turn out to be part of a stop string.
struct GeneratedToken {
  TokenId id;
  std::string text;
  std::string reasoning = {};     ///< as `text`, of the reasoning; split_reasoning
  std::optional<float> logprob;   ///< natural logarithm, before sampling options
  std::vector<TokenLogprob> top;  ///< likeliest first
};

/// Called for every token, in order, on the thread that generates. Text that only the end of the
/// reply releases comes in a last call with id -1.
using TokenCallback = std::function<void(const GeneratedToken& token)>;

struct Generation {
  std::vector<TokenId> ids;  ///< of the reply, an end-of-text token included
  std::string text;          ///< of the reply, special tokens and stop string left out
  std::string reasoning;  ///< before the answer; empty without split_reasoning, where text has it
  FinishReason finish_reason = FinishReason::kStop;
  bool context_full = false;  ///< the context, not max_tokens, ended it
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< of the prompt, taken from the cache of the call before
  double prefill_s = 0;            ///< from the call to the first token
  double decode_s = 0;             ///< from the first token to the last
  SpeculationStats speculation;    ///< without passes if it is off
};

struct ChatMessage {
  std::string role;  ///< system, user, assistant, tool
  std::string content;
};

/// How long a model that can think should do so before it answers.
enum class ThinkingMode { kDefault, kFast, kSlow, kAuto };

/// A conversation as a prompt that leaves room for a reply.
struct FittedPrompt {
  std::vector<TokenId> ids;
  std::size_t dropped = 0;  ///< messages that were left out, the oldest after the system's
};

/// A loaded model with one conversation's cache. Movable. One call at a time: an engine is not to
/// be used from two threads at once.
class Engine {
 public:
  /// Loads a Hugging Face folder, a GGUF file (any part of a split one), or the bundled model of
  /// that name (in $PANGU_MODELS, or models that came with the program). Throws FileError,
  /// ConfigError or Unsupported saying what is wrong with which file, OutOfMemory if the machine is
  /// too small.
  static Engine load(const std::filesystem::path& model, const EngineOptions& options = {});

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// Continues a prompt. What the prompt shares with the call before is not computed again; the
  /// result is the same, bit for bit. Throws InputError for invalid UTF-8, ids outside the
  /// vocabulary, an empty prompt or one that fills the context; ConfigError for options out of
  /// range. An exception from the callback ends the generation and is passed on.
  Generation generate(std::span<const TokenId> prompt, const GenerateOptions& options = {},
                      const TokenCallback& on_token = {});
  Generation generate(std::string_view prompt, const GenerateOptions& options = {},
                      const TokenCallback& on_token = {});

  /// The tokens of a text to continue. Throws InputError for text that is not valid UTF-8, and for
  /// one that is certain not to fit the context, before all of it is tokenized.
  std::vector<TokenId> text_prompt(std::string_view text) const;

  /// The prompt that the model's chat template makes of a conversation, up to where the assistant
  /// is to speak. Text in messages cannot forge special tokens. What an assistant thought before it
  /// answered is left out, as the models' authors advise, where its message begins with it. Throws
  /// ConfigError if the model has no template, Unsupported if it does not know the thinking mode,
  /// InputError for a conversation that is certain not to fit the context.
  std::vector<TokenId> chat_prompt(std::span<const ChatMessage> messages,
                                   ThinkingMode thinking = ThinkingMode::kDefault) const;

  /// The same of the newest messages that leave at least `room` tokens of the context for a reply:
  /// whole turns, a user's message with all that follows it, are dropped from the oldest on; system
  /// messages in front and the last turn stay, even if they leave less. Throws what chat_prompt()
  /// does, InputError too where the last turn alone fills the context.
  FittedPrompt fitted_chat_prompt(std::span<const ChatMessage> messages, std::int64_t room,
                                  ThinkingMode thinking = ThinkingMode::kDefault) const;

  /// How the model's authors sample from it (generation_config.json).
  SamplingOptions default_sampling() const;

  const std::shared_ptr<const Tokenizer>& tokenizer() const;
  std::int64_t context() const;  ///< positions a conversation may have
  /// Positions the model was trained for; longer contexts are computed, with a logged warning.
  std::int64_t trained_context() const;
  double load_seconds() const;

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu
