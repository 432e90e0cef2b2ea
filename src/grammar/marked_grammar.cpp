// SPDX-License-Identifier: Apache-2.0
#include "grammar/marked_grammar.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pangu::grammar {
namespace {

/// What may stand around the markers.
enum class Around {
  kNothing,
  kAnything,       ///< in front of them and behind
  kAnythingBefore  ///< in front of them
};

struct Markers {
  TokenId begin;
  std::optional<TokenId> end;
  Around around;
};

class MarkedConstraint final : public TokenConstraint {
 public:
  MarkedConstraint(const OutputGrammar& inner, const Markers& markers)
      : grammar_(inner),
        markers_(markers),
        bits_((static_cast<std::size_t>(inner.vocab_size()) + 63) / 64) {}

  MarkedConstraint(const MarkedConstraint& other)
      : grammar_(other.grammar_),
        markers_(other.markers_),
        inner_(other.inner_ ? other.inner_->copy() : nullptr),
        part_(other.part_),
        bits_(other.bits_.size()) {}
  MarkedConstraint& operator=(const MarkedConstraint&) = delete;

  std::span<const std::uint64_t> allowed() override {
    const auto& end = markers_.end;
    if (part_ == Part::kInner && !(end && inner_->may_end())) return inner_->allowed();
    std::ranges::fill(bits_, 0);
    if (part_ == Part::kBefore && is_free()) set_all();
    if (part_ == Part::kBefore) set(markers_.begin);
    if (part_ == Part::kInner) {
      const auto inner = inner_->allowed();
      std::copy_n(inner.begin(), std::min(inner.size(), bits_.size()), bits_.begin());
      set(*end);
    }
    return bits_;
  }

  bool may_end() const override {
    if (part_ == Part::kInner) return !markers_.end && inner_->may_end();
    return part_ == Part::kDone || is_free();
  }

  bool push(TokenId id) override {
    if (part_ == Part::kDone) return false;
    if (part_ == Part::kBefore) {
      if (id != markers_.begin) return is_free();
      inner_ = grammar_.begin();
      part_ = Part::kInner;
      return true;
    }
    if (!markers_.end || id != *markers_.end || !inner_->may_end()) return inner_->push(id);
    part_ = markers_.around == Around::kAnything ? Part::kBefore : Part::kDone;
    return true;
  }

  std::unique_ptr<TokenConstraint> copy() const override {
    return std::make_unique<MarkedConstraint>(*this);
  }

  std::string forced_text(std::size_t most) override {
    // Where it may end, the marker may come as well.
    return part_ == Part::kInner ? inner_->forced_text(most) : std::string();
  }

 private:
  enum class Part { kBefore, kInner, kDone };

  bool is_free() const { return markers_.around != Around::kNothing; }
  void set(TokenId id) {
    bits_[static_cast<std::size_t>(id) / 64] |= std::uint64_t{1} << (id % 64);
  }
  void set_all() {
    std::ranges::fill(bits_, ~std::uint64_t{0});
    const auto rest = static_cast<std::size_t>(grammar_.vocab_size()) % 64;
    if (rest != 0) bits_.back() = (std::uint64_t{1} << rest) - 1;
  }

  const OutputGrammar& grammar_;
  Markers markers_;
  std::unique_ptr<TokenConstraint> inner_;  ///< from the first marker on
  Part part_ = Part::kBefore;
  std::vector<std::uint64_t> bits_;
};

class MarkedGrammar final : public OutputGrammar {
 public:
  MarkedGrammar(std::shared_ptr<const OutputGrammar> inner, const Markers& markers)
      : inner_(std::move(inner)), markers_(markers) {
    for (const TokenId id : {markers.begin, markers.end.value_or(markers.begin)}) {
      if (id >= 0 && id < inner_->vocab_size()) continue;
      fail<InputError>("[grammar] the marker {} is none of the {} tokens of the vocabulary.", id,
                       inner_->vocab_size());
    }
  }

  TokenId vocab_size() const override { return inner_->vocab_size(); }
  std::unique_ptr<TokenConstraint> begin() const override {
    return std::make_unique<MarkedConstraint>(*inner_, markers_);
  }

 private:
  std::shared_ptr<const OutputGrammar> inner_;
  Markers markers_;
};

}  // namespace

std::shared_ptr<const OutputGrammar> marked(std::shared_ptr<const OutputGrammar> inner,
                                            TokenId begin, std::optional<TokenId> end) {
  return std::make_shared<MarkedGrammar>(
      std::move(inner), Markers{.begin = begin, .end = end, .around = Around::kNothing});
}

std::shared_ptr<const OutputGrammar> marked_within(std::shared_ptr<const OutputGrammar> inner,
                                                   TokenId begin, TokenId end, bool once) {
  return std::make_shared<MarkedGrammar>(
      std::move(inner), Markers{.begin = begin,
                                .end = end,
                                .around = once ? Around::kAnythingBefore : Around::kAnything});
}

}  // namespace pangu::grammar
