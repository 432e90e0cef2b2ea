// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/ngram_matcher.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/hash.h"

namespace pangu {
namespace {

constexpr int kLongestN = 16;
constexpr int kLongestAgreement = 64;

}  // namespace

NGramMatcher::NGramMatcher(int max_n) {
  if (max_n < 1 || max_n > kLongestN) {
    fail<ConfigError>("[speculation] n-grams of {} tokens were asked for; 1 to {} are supported.",
                      max_n, kLongestN);
  }
  places_.resize(static_cast<std::size_t>(max_n));
  earlier_.resize(static_cast<std::size_t>(max_n));
}

std::uint64_t NGramMatcher::hash_of_last(int n) const {
  Fnv1a hash;
  for (std::size_t i = tokens_.size() - static_cast<std::size_t>(n); i < tokens_.size(); ++i) {
    hash.add(static_cast<std::uint64_t>(tokens_[i]));
  }
  return hash.value();
}

void NGramMatcher::push(TokenId token) {
  tokens_.push_back(token);
  const auto longest = std::min(places_.size(), tokens_.size());
  for (std::size_t i = 0; i < longest; ++i) {
    const auto [place, is_new] =
        places_[i].try_emplace(hash_of_last(static_cast<int>(i) + 1), tokens_.size());
    earlier_[i] = is_new ? 0 : std::exchange(place->second, tokens_.size());
  }
}

int NGramMatcher::agreement(std::size_t position) const {
  int n = 0;
  const std::size_t size = tokens_.size();
  for (std::size_t back = 1; back <= position && n < kLongestAgreement; ++back, ++n) {
    if (tokens_[position - back] != tokens_[size - back]) break;
  }
  return n;
}

NGramMatcher::Match NGramMatcher::match() const {
  for (std::size_t i = std::min(earlier_.size(), tokens_.size()); i-- > 0;) {
    if (earlier_[i] == 0) continue;
    const int n = agreement(earlier_[i]);
    // Two n-grams may have the same hash.
    if (n > static_cast<int>(i)) return {.position = earlier_[i], .length = n};
  }
  return {.position = tokens_.size(), .length = 0};
}

TokenId NGramMatcher::continuation(const Match& match, std::size_t offset) const {
  const std::size_t period = tokens_.size() - match.position;
  return tokens_[match.position + offset % period];
}

}  // namespace pangu
