// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/features/text_units.h"
#include "base/hash.h"

namespace pangu::adaptive {
namespace {

constexpr std::size_t kFullUnits = 40;    ///< at the beginning and at the end
constexpr float kPartWeight = 0.25f;      ///< of units between them, and of the context
constexpr float kTripleWeight = 0.5f;     ///< of three letters, of which a word has many
constexpr std::size_t kLongestWord = 24;  ///< bytes that are looked at

/// Kinds of features, so that a word and a triple of the same letters differ.
enum class Gram : std::uint64_t { kUnit = 1, kPair, kTriple, kEdge };

class GramCounts {
 public:
  explicit GramCounts(std::vector<float>& counts) : counts_(counts) {}

  void add(Gram gram, std::string_view a, std::string_view b, float weight) {
    ContentHash hash(static_cast<std::uint64_t>(gram));
    hash.add(a);
    hash.add(b);
    const std::uint64_t h = hash.value();
    counts_[(h >> 1) % kGramFeatures] += (h & 1) != 0 ? weight : -weight;
  }

 private:
  std::vector<float>& counts_;
};

/// Numbers are one word, whatever they are.
std::string_view name_of_unit(const TextUnit& unit) {
  return unit.kind == CharKind::kDigit ? std::string_view("0")
                                       : std::string_view(unit.text).substr(0, kLongestWord);
}

void add_triples(GramCounts& counts, std::string_view word, float weight) {
  const std::string marked = "<" + std::string(word) + ">";
  for (std::size_t i = 0; i + 3 <= marked.size(); ++i) {
    counts.add(Gram::kTriple, std::string_view(marked).substr(i, 3), {}, weight);
  }
}

void add_units(GramCounts& counts, const std::vector<TextUnit>& units, bool is_context) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    const bool is_full = !is_context && (i < kFullUnits || i + kFullUnits >= units.size());
    const float weight = is_full ? 1.0f : kPartWeight;
    const std::string_view name = name_of_unit(units[i]);
    counts.add(Gram::kUnit, name, {}, weight);
    if (i > 0) counts.add(Gram::kPair, name_of_unit(units[i - 1]), name, weight);
    if (units[i].kind == CharKind::kLetter && name.size() > 3) {
      add_triples(counts, name, kTripleWeight * weight);
    }
  }
}

}  // namespace

std::vector<float> gram_features(const Request& request) {
  std::vector<float> features(kGramFeatures, 0.0f);
  GramCounts counts(features);
  const std::vector<TextUnit> units = text_units(request.text);
  add_units(counts, units, false);
  add_units(counts, text_units(request.context), true);
  // How a request begins says more than any other word of it.
  for (std::size_t i = 0; i < std::min<std::size_t>(units.size(), 3); ++i) {
    counts.add(Gram::kEdge, name_of_unit(units[i]), {}, 1.0f);
  }
  double squares = 0;
  for (float& x : features) {
    x = std::copysign(std::sqrt(std::abs(x)), x);
    squares += double(x) * x;
  }
  const float scale = squares > 0 ? static_cast<float>(1 / std::sqrt(squares)) : 0.0f;
  for (float& x : features) x *= scale;
  return features;
}

}  // namespace pangu::adaptive
