// SPDX-License-Identifier: Apache-2.0
#include "text/unigram/unigram_model.h"

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "base/utf8.h"

namespace pangu::text {
namespace {

/// What an unknown character costs beyond the worst piece, as all implementations have it.
constexpr double kUnknownPenalty = 10.0;

}  // namespace

UnigramModel::UnigramModel(const Vocabulary& vocabulary, const UnigramParts& parts)
    : vocabulary_(&vocabulary), scores_(parts.scores), unk_id_(parts.unk_id) {
  unk_score_ = (scores_.empty() ? 0 : *std::ranges::min_element(scores_)) - kUnknownPenalty;
  if (parts.byte_fallback) byte_tokens_ = find_byte_tokens(vocabulary);
  std::vector<ByteTrie::Key> keys;
  keys.reserve(scores_.size());
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    const std::string& piece = vocabulary.piece(id);
    if (piece.size() > kMaxPieceBytes) {
      fail<FileError>("[tokenizer] {}: the token '{}' has {} bytes; at most {} were expected.",
                      vocabulary.file(), clipped(piece), piece.size(), kMaxPieceBytes);
    }
    keys.emplace_back(piece, id);
  }
  trie_ = ByteTrie(std::move(keys));
}

std::vector<UnigramModel::Step> UnigramModel::best_steps(std::string_view word) const {
  std::vector<Step> steps(word.size() + 1);
  const auto offer = [&](std::size_t end, const Step& step) {
    if (steps[end].begin == kNowhere || step.score > steps[end].score) steps[end] = step;
  };
  for (std::size_t at = 0; at < word.size();) {
    std::size_t next = at;
    utf8::next(word, next);
    const double so_far = steps[at].score;
    bool is_known = false;
    trie_.match(word, at, [&](std::size_t end, std::int32_t id) {
      offer(end, {so_far + scores_[static_cast<std::size_t>(id)], at, id == unk_id_});
      is_known = is_known || end == next;
    });
    if (!is_known) offer(next, {so_far + unk_score_, at, true});
    at = next;
  }
  return steps;
}

void UnigramModel::append(std::string_view piece, std::vector<TokenId>& ids) const {
  const auto id = vocabulary_->find(piece);
  if (id && static_cast<std::size_t>(*id) < scores_.size()) {
    ids.push_back(*id);
  } else if (append_byte_tokens(byte_tokens_, piece, ids)) {
    return;
  } else if (unk_id_) {
    ids.push_back(*unk_id_);
  } else {
    fail<InputError>(
        "[tokenizer] {}: '{}' is in no piece of the vocabulary, and the model has no unk token "
        "(unk_id). Leave it out of the text.",
        vocabulary_->file(), clipped(piece));
  }
}

void UnigramModel::encode(std::string_view word, std::vector<TokenId>& ids) const {
  const std::vector<Step> steps = best_steps(word);
  std::vector<std::string_view> pieces;  // last first
  bool after_unknown = false;
  for (std::size_t end = word.size(); end > 0; end = steps[end].begin) {
    const Step& step = steps[end];
    if (step.is_unknown && after_unknown) {
      pieces.back() = word.substr(
          step.begin, pieces.back().data() + pieces.back().size() - (word.data() + step.begin));
    } else {
      pieces.push_back(word.substr(step.begin, end - step.begin));
    }
    after_unknown = step.is_unknown;
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) append(*piece, ids);
}

}  // namespace pangu::text
