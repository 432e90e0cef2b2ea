// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/grammar_guide.h"

#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace pangu {
namespace {

/// Text that is looked at for each token that is wanted: few tokens are longer.
constexpr std::size_t kBytesPerToken = 8;

/// The tokens of `text` behind `before`, if they and those of `before` are apart.
std::optional<std::vector<TokenId>> encode_behind(const Tokenizer& tokenizer,
                                                  std::string_view before, std::string_view text) {
  const std::string whole = std::string(before) + std::string(text);
  std::vector<TokenId> ids =
      tokenizer.encode(whole, {.add_bos = false, .add_eos = false, .parse_special = false});
  // What SentencePiece puts in front belongs to `before`.
  std::string bytes;
  auto first = ids.begin();
  while (first != ids.end() && !bytes.ends_with(before)) bytes += tokenizer.bytes(*first++);
  ids.erase(ids.begin(), first);
  std::string rest;
  for (const TokenId id : ids) rest += tokenizer.bytes(id);
  return rest == text ? std::optional(std::move(ids)) : std::nullopt;
}

}  // namespace

std::vector<TokenId> spell_within_text(const Tokenizer& tokenizer, std::string_view text) {
  text = text.substr(0, utf8::complete_prefix(text));
  if (text.empty() || utf8::find_invalid(text) != utf8::npos) return {};
  for (const std::string_view before : {"", "\n"}) {
    if (auto ids = encode_behind(tokenizer, before, text)) return *std::move(ids);
  }
  return {};
}

const std::vector<TokenId>& GrammarGuide::spelling(const std::string& text) {
  if (text != spelt_text_) {
    spelt_ = tokenizer_ ? spell_within_text(*tokenizer_, text) : std::vector<TokenId>();
    spelt_text_ = text;
  }
  return spelt_;
}

void GrammarGuide::push(TokenId id) {
  followers_[std::exchange(last_, id)] = id;
}

/// A way ahead, and what was found on it.
class GrammarGuide::Walk {
 public:
  Walk(GrammarGuide& guide, std::size_t most) : guide_(guide), most_(most) {}

  std::vector<Expected> found;

  /// Tokens that leave no choice. False once there is nothing more to look for.
  bool take_only() {
    while (const auto only = at().only_token()) {
      if (!take(*only, Expected::Why::kOnly)) return false;
    }
    return true;
  }

  /// The usual spelling of text that leaves none; false if there is no such text.
  bool take_text() {
    const std::string text = at().forced_text(most_ * kBytesPerToken);
    if (text.empty()) return false;
    const std::vector<TokenId>& ids = guide_.spelling(text);
    std::size_t n = 0;
    while (n < ids.size() &&
           take(ids[n], n + 1 < ids.size() ? Expected::Why::kSpelt : Expected::Why::kLast)) {
      ++n;
    }
    return n > 0;
  }

  /// What came last time behind the token that was found last. Two such tokens in a row are free
  /// text, which others guess better.
  bool take_habit() {
    if (found.empty() || found.back().why == Expected::Why::kHabit) return false;
    const auto follower = guide_.followers_.find(found.back().token);
    return follower != guide_.followers_.end() && take(follower->second, Expected::Why::kHabit);
  }

 private:
  AnswerGrammar& at() { return ahead_ ? *ahead_ : guide_.grammar_; }

  bool take(TokenId token, Expected::Why why) {
    if (found.size() == most_) return false;
    if (!ahead_) ahead_.emplace(guide_.grammar_);
    if (ahead_->try_push(token) != AnswerGrammar::Next::kGoesOn || ahead_->is_over()) return false;
    found.push_back({token, why});
    return true;
  }

  GrammarGuide& guide_;
  std::size_t most_;
  std::optional<AnswerGrammar> ahead_;  ///< made where there is something to look ahead for
};

std::vector<TokenGuide::Expected> GrammarGuide::expected(std::size_t most, bool guesses) {
  Walk walk(*this, most);
  try {
    bool goes_on = walk.take_only() && guesses;
    while (goes_on) goes_on = (walk.take_text() || walk.take_habit()) && walk.take_only();
  } catch (const InputError&) {
    // A place that is too ambiguous ends the reply if it comes there, not before.
  }
  return std::move(walk.found);
}

void GrammarGuide::prune(Draft& draft) {
  using Next = AnswerGrammar::Next;
  // Behind each node that may come; nothing where what follows is not known.
  std::vector<std::optional<AnswerGrammar>> places(draft.size());
  std::vector<Next> next(draft.size(), Next::kNever);
  const auto look = [&](std::size_t i) {
    const Draft::Node& node = draft.nodes()[i];
    const bool is_first = node.parent == Draft::kRoot;
    const auto parent = static_cast<std::size_t>(is_first ? 0 : node.parent);
    const Next before = is_first ? Next::kGoesOn : next[parent];
    if (before != Next::kGoesOn) return before == Next::kFree ? Next::kFree : Next::kNever;
    places[i].emplace(is_first ? grammar_ : *places[parent]);
    const Next now = places[i]->try_push(node.token);
    return now == Next::kGoesOn && places[i]->is_over() ? Next::kEnds : now;
  };
  for (std::size_t i = 0; i < draft.size(); ++i) {
    try {
      next[i] = look(i);
    } catch (const InputError&) {  // as above
    }
  }
  draft.keep_if([&](std::size_t i) { return next[i] == Next::kGoesOn || next[i] == Next::kFree; });
}

}  // namespace pangu
