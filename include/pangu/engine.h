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
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/chat.h"
#include "pangu/dtype.h"
#include "pangu/error.h"
#include "pangu/generation.h"
#include "pangu/sampling.h"
#include "pangu/speculation.h"
#include "pangu/tokenizer.h"

namespace pangu {

struct EngineOptions {
  int threads = 0;              ///< 0: one per physical core that this process may use
  std::string isa = "auto";     ///< auto, ref, avx2, ... (see `pangu run --help`)
  std::string device = "auto";  ///< auto, cpu
  /// "auto": on machines with several memory nodes, threads stay on one each, the calling one
  /// included for as long as the engine lives, and weights lie where they are read. "off": no
  /// thread is bound.
  std::string numa = "auto";
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
  std::vector<TokenId> chat_prompt(std::span<const Message> messages,
                                   Thinking thinking = Thinking::kDefault) const;
  /// The same with tools and variables of the template. Throws InputError too where they are
  /// malformed, Unsupported where the template would leave out tools or calls, or has no such
  /// variable.
  std::vector<TokenId> chat_prompt(std::span<const Message> messages,
                                   const ChatOptions& options) const;

  /// The same of the newest messages that leave at least `room` tokens of the context for a reply:
  /// whole turns, a user's message with all that follows it, are dropped from the oldest on; system
  /// messages in front and the last turn stay, even if they leave less. Throws what chat_prompt()
  /// does, InputError too where the last turn alone fills the context.
  FittedPrompt fitted_chat_prompt(std::span<const Message> messages, std::int64_t room,
                                  Thinking thinking = Thinking::kDefault) const;

  /// How the model's authors sample from it (generation_config.json).
  SamplingOptions default_sampling() const;

  /// Whether the model has markers of thinking, as GenerateOptions::think_budget needs them: tokens
  /// of its vocabulary, or a chat template that speaks of </think>. It need not make use of them.
  bool can_think() const;

  /// Whether it is known how the model writes calls of tools, as GenerateOptions::split_tool_calls
  /// needs it. It need not have been trained to.
  bool can_call_tools() const;

  const std::shared_ptr<const Tokenizer>& tokenizer() const;
  std::int64_t context() const;  ///< positions a conversation may have
  /// Positions the model was trained for; longer contexts are computed, with a logged warning.
  std::int64_t trained_context() const;
  double load_seconds() const;

 private:
  friend class BatchEngine;
  friend class EngineParts;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu
