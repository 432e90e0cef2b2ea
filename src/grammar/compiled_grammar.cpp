// SPDX-License-Identifier: Apache-2.0
#include "grammar/compiled_grammar.h"

#include <string>
#include <utility>

namespace pangu::grammar {

class CompiledGrammar::Constraint : public TokenConstraint {
 public:
  explicit Constraint(std::shared_ptr<const CompiledGrammar> grammar)
      : grammar_(std::move(grammar)) {
    const std::lock_guard lock(grammar_->mutex_);
    masks_ = grammar_->masks();
    at_ = masks_->states().start();
    may_end_ = masks_->states().may_end(at_);
  }
  /// Without the mask: whoever looks ahead goes on at once.
  Constraint(const Constraint& other)
      : grammar_(other.grammar_), masks_(other.masks_), at_(other.at_), may_end_(other.may_end_) {}
  Constraint& operator=(const Constraint&) = delete;

  std::span<const std::uint64_t> allowed() override {
    if (is_known_) return allowed_;
    const std::lock_guard lock(grammar_->mutex_);
    move_on();
    masks_->find(at_, allowed_);
    is_known_ = true;
    return allowed_;
  }

  bool may_end() const override { return may_end_; }

  bool push(TokenId id) override {
    const std::string_view bytes = grammar_->trie_->bytes(id);
    if (bytes.empty()) return false;
    const std::lock_guard lock(grammar_->mutex_);
    move_on();
    const SetId next = masks_->states().step(at_, bytes);
    if (next == ParseStates::kDead) return false;
    is_known_ = is_known_ && next == at_;
    at_ = next;
    may_end_ = masks_->states().may_end(at_);
    return true;
  }

  std::unique_ptr<TokenConstraint> copy() const override {
    return std::make_unique<Constraint>(*this);
  }

  std::string forced_text(std::size_t most) override {
    std::string out;
    const std::lock_guard lock(grammar_->mutex_);
    move_on();
    ParseStates& states = masks_->states();
    SetId at = at_;
    while (out.size() < most) {
      const auto byte = states.only_byte(at);
      if (!byte) break;
      at = states.step(at, *byte);
      out += static_cast<char>(*byte);
    }
    return out;
  }

 private:
  /// To what the replies have in common now.
  void move_on() {
    std::shared_ptr<TokenMasks> now = grammar_->masks();
    if (now == masks_) return;
    at_ = now->take_over(*masks_, at_);
    masks_ = std::move(now);
  }

  std::shared_ptr<const CompiledGrammar> grammar_;
  std::shared_ptr<TokenMasks> masks_;
  SetId at_ = ParseStates::kDead;
  bool may_end_ = false;
  TokenMask allowed_;
  bool is_known_ = false;  ///< whether allowed_ is that of this place
};

std::unique_ptr<TokenConstraint> CompiledGrammar::begin() const {
  return std::make_unique<Constraint>(shared_from_this());
}

std::shared_ptr<TokenMasks> CompiledGrammar::masks() const {
  if (!masks_ || masks_->is_full()) {
    masks_ = std::make_shared<TokenMasks>(program_, *trie_, limits_);
  }
  return masks_;
}

}  // namespace pangu::grammar
