// SPDX-License-Identifier: Apache-2.0
// What can be seen of a request without a model: shares of kinds of characters, and which words and
// pairs of characters it has.
#pragma once

#include <span>
#include <vector>

#include "adaptive/intent/features/request.h"

namespace pangu::adaptive {

/// Changes whenever the same text gives other features: probes of another version are refused.
inline constexpr int kTextFeaturesVersion = 1;

inline constexpr std::size_t kSurfaceFeatures = 36;
inline constexpr std::size_t kGramFeatures = 2048;

/// Lengths, shares of digits, Han characters, signs of code and mathematics, lines that look like
/// options of a choice, fences, and the like; and how often words appear that often say what is
/// wanted (cue_counts()): kSurfaceFeatures numbers, most from 0 to 2.
std::vector<float> surface_features(const Request& request);

/// Words, pairs of words, triples of letters in words, Han characters and pairs of them, and signs,
/// each hashed into one of kGramFeatures places with a sign; the square root of how often, scaled
/// to length 1. Units near the beginning and the end of the request count fully, those between them
/// and those of its context a quarter. Numbers are all the same word. source  Weinberger et al.
/// 2009, "Feature hashing for large scale multitask learning",
///         arXiv:0902.2206.
std::vector<float> gram_features(const Request& request);

}  // namespace pangu::adaptive
