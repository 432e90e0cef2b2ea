// SPDX-License-Identifier: Apache-2.0
// The public face of the runtime.
#include "pangu/engine.h"

#include <utility>

#include "runtime/cache/context_length.h"
#include "runtime/engine_impl.h"
#include "runtime/engine_parts.h"
#include "runtime/generate/chat_prompt.h"
#include "text/chat/thinking_markers.h"
#include "text/chat/tool_call_format.h"

namespace pangu {
namespace {

ContextOptions context_options(const EngineOptions& o) {
  if (o.device != "auto" && o.device != "cpu") {
    fail<Unsupported>("[device] '{}' is not available in this build; cpu is.", o.device);
  }
  ContextOptions out;
  if (o.threads != 0) out.threads = o.threads;
  out.isa = require_isa(o.isa);
  out.dtype = o.dtype;
  out.nodes = require_memory_nodes(o.numa);
  return out;
}

/// The draft model, in the formats of the target.
std::optional<Model> load_draft(const EngineOptions& o, Context& ctx) {
  if (!o.speculation.uses_draft_model()) {
    return std::nullopt;
  }
  return load_model(o.speculation.draft_model,
                    {.formats = WeightFormats::parse(o.format, o.head_format, o.embedding_format),
                     .progress = o.progress,
                     .need_tokenizer = true},
                    ctx);
}

}  // namespace

Engine::Impl::Impl(const std::filesystem::path& path, const EngineOptions& o)
    : ctx(context_options(o)),
      model(
          load_model(path,
                     {.formats = WeightFormats::parse(o.format, o.head_format, o.embedding_format),
                      .progress = o.progress,
                      .need_tokenizer = true,
                      .need_chat_template = o.need_chat_template},
                     ctx)),
      draft(load_draft(o, ctx)),
      kv(o.kv_format.empty() ? exact_kv_format(o.dtype) : require_kv_format(o.kv_format)),
      speculation(o.speculation),
      generator(model, ctx, o.context != 0 ? o.context : default_context(model.config()), kv,
                speculation, draft_model()),
      load_seconds(watch.seconds()) {}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Engine Engine::load(const std::filesystem::path& model, const EngineOptions& options) {
  return Engine(std::make_unique<Impl>(model, options));
}

Generation Engine::generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                            const TokenCallback& on_token) {
  return impl_->generator.generate(prompt, options, on_token);
}

Generation Engine::generate(std::string_view prompt, const GenerateOptions& options,
                            const TokenCallback& on_token) {
  return generate(text_prompt(prompt), options, on_token);
}

std::vector<TokenId> Engine::text_prompt(std::string_view text) const {
  const TextPiece whole{text, true};
  auto ids = encode_within(*tokenizer(), std::span(&whole, 1), {}, context());
  if (!ids) refuse_long_prompt(impl_->model.config(), context(), true, context());
  return std::move(*ids);
}

std::vector<TokenId> Engine::chat_prompt(std::span<const Message> messages,
                                         Thinking thinking) const {
  return pangu::chat_prompt(impl_->model, messages, thinking, {}, context());
}

std::vector<TokenId> Engine::chat_prompt(std::span<const Message> messages,
                                         const ChatOptions& options) const {
  return pangu::chat_prompt(impl_->model, messages, options, {}, context());
}

FittedPrompt Engine::fitted_chat_prompt(std::span<const Message> messages, std::int64_t room,
                                        Thinking thinking) const {
  return pangu::fitted_chat_prompt(impl_->model, messages, thinking, room, context());
}

SamplingOptions Engine::default_sampling() const {
  return impl_->model.default_sampling();
}

bool Engine::can_think() const {
  return pangu::can_think(*tokenizer());
}

bool Engine::can_call_tools() const {
  return tool_call_format(*tokenizer()).has_value();
}

const std::shared_ptr<const Tokenizer>& Engine::tokenizer() const {
  return impl_->model.tokenizer;
}

int64_t Engine::context() const {
  return impl_->generator.positions();
}

int64_t Engine::trained_context() const {
  return trained_positions(impl_->model.config());
}

double Engine::load_seconds() const {
  return impl_->load_seconds;
}

const Model& EngineParts::model(const Engine& engine) {
  return engine.impl_->model;
}

const Model* EngineParts::draft_model(const Engine& engine) {
  return engine.impl_->draft_model();
}

Context& EngineParts::context(Engine& engine) {
  return engine.impl_->ctx;
}

KvFormat EngineParts::kv_format(const Engine& engine) {
  return engine.impl_->kv;
}

}  // namespace pangu
