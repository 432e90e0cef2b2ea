// SPDX-License-Identifier: Apache-2.0
// The template is rendered with a mark in place of each assistant's content, so that the place of
// what is to be learnt is known, whatever the template writes around it.
#include "train/example_encoder.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/common_prefix.h"
#include "base/error.h"
#include "text/chat/thinking_markers.h"
#include "text/chat/tokenizer_chat_template.h"

namespace pangu {
namespace {

constexpr std::string_view kThinkBegin = kPanguThinkBegin, kThinkEnd = kPanguThinkEnd;

/// A stretch of a rendered conversation.
struct Piece {
  std::string text;
  bool parse_special = false;
  bool learnt = false;
};

/// A text that occurs in no message, from the private use area of Unicode.
std::string unused_mark(const ChatRecord& chat) {
  for (int n = 0;; ++n) {
    std::string mark = fmt::format("\uE000{}", n);
    const bool taken = std::ranges::any_of(chat.messages, [&](const TrainingMessage& m) {
      return m.content.find(mark) != std::string::npos || m.role.find(mark) != std::string::npos;
    });
    if (!taken) return mark;
  }
}

/// What an assistant said, thinking first.
void add_reply(const TrainingMessage& message, std::vector<Piece>& pieces) {
  if (message.reasoning_content) {
    pieces.push_back({std::string(kThinkBegin), true, true});
    pieces.push_back({*message.reasoning_content, false, true});
    pieces.push_back({std::string(kThinkEnd), true, true});
  }
  pieces.push_back({message.content, false, true});
}

/// Puts replies where their marks are; each must be there once, in order.
std::vector<Piece> fill_in(const std::vector<Segment>& segments, const std::string& mark,
                           const std::vector<const TrainingMessage*>& replies) {
  std::vector<Piece> pieces;
  std::size_t next = 0;
  for (const Segment& s : segments) {
    std::string_view rest = s.text;
    while (!s.is_template && next < replies.size()) {
      const std::string wanted = fmt::format("{}.{}\uE001", mark, next);
      const std::size_t at = rest.find(wanted);
      if (at == std::string_view::npos) break;
      pieces.push_back({std::string(rest.substr(0, at)), false, false});
      add_reply(*replies[next++], pieces);
      rest.remove_prefix(at + wanted.size());
    }
    if (rest.find(mark) != std::string_view::npos) {
      fail<InputError>(
          "[data] the chat template shows a reply twice or out of order, so that it cannot be told "
          "what is to be learnt. Use \"loss_on\": \"all\" with {{\"text\": ...}} lines.");
    }
    pieces.push_back({std::string(rest), s.is_template, false});
  }
  if (next < replies.size()) {
    fail<InputError>(
        "[data] the chat template leaves out reply {} of {}. Is this the template of the model?",
        next + 1, replies.size());
  }
  std::erase_if(pieces, [](const Piece& p) { return p.text.empty(); });
  return pieces;
}

class PieceEncoder {
 public:
  PieceEncoder(const Tokenizer& tokenizer, const std::vector<Piece>& pieces,
               const EncodeOptions& options)
      : tokenizer_(tokenizer), options_(options) {
    for (const Piece& p : pieces) views_.push_back({p.text, p.parse_special});
    whole_ = encode(pieces.size());
  }

  const std::vector<TokenId>& whole() const { return whole_; }
  /// Where the tokens of piece `n` begin: the prompt before it is tokenized as it will be when the
  /// model has to go on from there.
  std::size_t place(std::size_t n) const {
    return n == 0 ? 0 : static_cast<std::size_t>(common_prefix(whole_, encode(n)));
  }

 private:
  std::vector<TokenId> encode(std::size_t n) const {
    return tokenizer_.encode(std::span(views_).first(n), options_);
  }

  const Tokenizer& tokenizer_;
  EncodeOptions options_;
  std::vector<TextPiece> views_;
  std::vector<TokenId> whole_;
};

std::vector<LossToken> with_bits(const std::vector<TokenId>& ids, bool learnt) {
  std::vector<LossToken> tokens;
  tokens.reserve(ids.size());
  for (const TokenId id : ids) {
    tokens.push_back(static_cast<LossToken>(id) | (learnt ? kLossBit : 0));
  }
  return tokens;
}

/// The end of a turn whose content ends at `end`: the special token that the template closes it
/// with belongs to it, or the first token where it has none near.
std::size_t closed_end(const Tokenizer& tokenizer, const std::vector<TokenId>& ids,
                       std::size_t end) {
  constexpr std::size_t kNear = 4;
  const std::size_t limit = std::min(ids.size(), end + kNear);
  for (std::size_t i = end; i < limit; ++i) {
    if (tokenizer.is_special(ids[i]) || tokenizer.ends_run(ids[i])) return i + 1;
  }
  return std::min(ids.size(), end + 1);
}

void mark_learnt(const Tokenizer& tokenizer, const std::vector<Piece>& pieces,
                 const PieceEncoder& encoder, std::vector<LossToken>& tokens) {
  for (std::size_t n = 0; n < pieces.size();) {
    if (!pieces[n].learnt) {
      ++n;
      continue;
    }
    const std::size_t begin = encoder.place(n);
    while (n < pieces.size() && pieces[n].learnt) ++n;
    const std::size_t end = n == pieces.size()
                                ? tokens.size()
                                : closed_end(tokenizer, encoder.whole(), encoder.place(n));
    for (std::size_t i = begin; i < end; ++i) tokens[i] |= kLossBit;
  }
}

}  // namespace

ExampleEncoder::ExampleEncoder(std::shared_ptr<const Tokenizer> tokenizer, EncoderOptions options)
    : tokenizer_(std::move(tokenizer)), options_(std::move(options)) {
  can_think_ = tokenizer_->id_of(kThinkBegin) && tokenizer_->id_of(kThinkEnd);
  if (tokenizer_->chat_template().empty()) return;
  template_ = chat_template_of(*tokenizer_, options_.origin);
}

std::vector<LossToken> ExampleEncoder::encode(const TrainingRecord& record) const {
  if (const auto* text = std::get_if<TextRecord>(&record.form)) return encode_text({}, text->text);
  if (const auto* pair = std::get_if<CompletionRecord>(&record.form)) {
    return encode_text(pair->prompt, pair->completion);
  }
  return encode_chat(std::get<ChatRecord>(record.form));
}

std::vector<LossToken> ExampleEncoder::encode_text(std::string_view prompt,
                                                   std::string_view learnt) const {
  // The end of nothing is nothing to learn.
  if (prompt.empty() && learnt.empty()) return {};
  const EncodeOptions options{.add_bos = {}, .add_eos = false, .parse_special = false};
  const TextPiece pieces[] = {{prompt, false}, {learnt, false}};
  const std::vector<TokenId> ids = tokenizer_->encode(pieces, options);
  std::vector<LossToken> tokens = with_bits(ids, true);
  if (options_.loss_on == LossOn::kAssistant && !prompt.empty()) {
    const auto begin =
        static_cast<std::size_t>(common_prefix(ids, tokenizer_->encode(prompt, options)));
    for (std::size_t i = 0; i < begin; ++i) tokens[i] &= ~kLossBit;
  }
  if (options_.append_eos && tokenizer_->eos_id()) {
    tokens.push_back(static_cast<LossToken>(*tokenizer_->eos_id()) | kLossBit);
  }
  return tokens;
}

std::vector<LossToken> ExampleEncoder::encode_chat(const ChatRecord& chat) const {
  if (!template_) {
    fail<ConfigError>(
        "[data] {} has no chat template (tokenizer_config.json, chat_template), which messages "
        "need. Use the tokenizer of a model made for chat, or lines with text.",
        options_.origin);
  }
  const std::string mark = unused_mark(chat);
  std::vector<Message> messages;
  std::vector<const TrainingMessage*> replies;
  for (const TrainingMessage& m : chat.messages) {
    messages.push_back({.role = m.role, .content = m.content});
    if (m.role != "assistant") continue;
    if (m.reasoning_content && !can_think_) {
      fail<ConfigError>(
          "[data] a message has reasoning_content, but {} lacks the tokens {} and {} around "
          "it. Use openPangu's tokenizer, or write the thinking into the content.",
          options_.origin, kThinkBegin, kThinkEnd);
    }
    messages.back().content = fmt::format("{}.{}\uE001", mark, replies.size());
    replies.push_back(&m);
  }
  const auto segments = template_->render_segments(messages, {.add_generation_prompt = false});
  const std::vector<Piece> pieces = fill_in(segments, mark, replies);

  // Exactly one bos: some templates write it, others leave it to the tokenizer.
  EncodeOptions options{.add_bos = {}, .add_eos = false, .parse_special = true};
  const auto bos = tokenizer_->bos_id();
  if (bos && !pieces.empty() && pieces.front().parse_special &&
      pieces.front().text.starts_with(tokenizer_->piece(*bos))) {
    options.add_bos = false;
  }
  const PieceEncoder encoder(*tokenizer_, pieces, options);
  std::vector<LossToken> tokens = with_bits(encoder.whole(), options_.loss_on == LossOn::kAll);
  if (options_.loss_on == LossOn::kAssistant) mark_learnt(*tokenizer_, pieces, encoder, tokens);
  return tokens;
}

}  // namespace pangu
