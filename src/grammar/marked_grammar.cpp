// SPDX-License-Identifier: Apache-2.0
#include "grammar/marked_grammar.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pangu::grammar {
namespace {

class MarkedConstraint final : public TokenConstraint {
 public:
  MarkedConstraint(const OutputGrammar& inner, TokenId begin, std::optional<TokenId> end)
      : inner_(inner.begin()),
        begin_(begin),
        end_(end),
        bits_((static_cast<std::size_t>(inner.vocab_size()) + 63) / 64) {}

  std::span<const std::uint64_t> allowed() override {
    if (part_ == Part::kInner && !(end_ && inner_->may_end())) return inner_->allowed();
    std::ranges::fill(bits_, 0);
    if (part_ == Part::kBegin) set(begin_);
    if (part_ == Part::kInner) {
      const auto inner = inner_->allowed();
      std::copy_n(inner.begin(), std::min(inner.size(), bits_.size()), bits_.begin());
      set(*end_);
    }
    return bits_;
  }

  bool may_end() const override {
    return part_ == Part::kDone || (part_ == Part::kInner && !end_ && inner_->may_end());
  }

  bool push(TokenId id) override {
    switch (part_) {
      case Part::kBegin:
        if (id != begin_) return false;
        part_ = Part::kInner;
        return true;
      case Part::kInner:
        if (end_ && id == *end_ && inner_->may_end()) {
          part_ = Part::kDone;
          return true;
        }
        return inner_->push(id);
      case Part::kDone:
        break;
    }
    return false;
  }

 private:
  enum class Part { kBegin, kInner, kDone };

  void set(TokenId id) {
    bits_[static_cast<std::size_t>(id) / 64] |= std::uint64_t{1} << (id % 64);
  }

  std::unique_ptr<TokenConstraint> inner_;
  TokenId begin_;
  std::optional<TokenId> end_;
  Part part_ = Part::kBegin;
  std::vector<std::uint64_t> bits_;
};

class MarkedGrammar final : public OutputGrammar {
 public:
  MarkedGrammar(std::shared_ptr<const OutputGrammar> inner, TokenId begin,
                std::optional<TokenId> end)
      : inner_(std::move(inner)), begin_(begin), end_(end) {}

  TokenId vocab_size() const override { return inner_->vocab_size(); }
  std::unique_ptr<TokenConstraint> begin() const override {
    return std::make_unique<MarkedConstraint>(*inner_, begin_, end_);
  }

 private:
  std::shared_ptr<const OutputGrammar> inner_;
  TokenId begin_;
  std::optional<TokenId> end_;
};

}  // namespace

std::shared_ptr<const OutputGrammar> marked(std::shared_ptr<const OutputGrammar> inner,
                                            TokenId begin, std::optional<TokenId> end) {
  for (const TokenId id : {begin, end.value_or(begin)}) {
    if (id < 0 || id >= inner->vocab_size()) {
      fail<InputError>("[grammar] the marker {} is none of the {} tokens of the vocabulary.", id,
                       inner->vocab_size());
    }
  }
  return std::make_shared<MarkedGrammar>(std::move(inner), begin, end);
}

}  // namespace pangu::grammar
