// SPDX-License-Identifier: Apache-2.0
#include "text/pre_tokenizer/pretokenizer.h"

#include "text/bpe/bpe_byte_level.h"
#include "text/pre_tokenizer/tokenizer_growth.h"

namespace pangu::text {
namespace {

/// A stretch of a word: a separator, or what lies between two.
struct SplitPiece {
  std::size_t begin;
  std::size_t end;
  bool is_separator;
};

/// The stretch that is being cut.
struct CutStretch {
  std::size_t bytes;  ///< as it came
  bool is_first;      ///< the whole text begins with it
  RegexWork& work;
};

std::vector<SplitPiece> find_pieces(std::string_view word, const SplitStep& step, RegexWork& work) {
  std::vector<SplitPiece> pieces;
  std::size_t done = 0;
  const auto add_match = [&](std::size_t begin, std::size_t end) {
    if (begin > done) pieces.push_back({done, begin, step.invert});
    if (end > begin) pieces.push_back({begin, end, !step.invert});
    done = end;
  };
  if (const auto* regex = std::get_if<Regex>(&step.pattern)) {
    regex->for_each(word, work, add_match);
  } else {
    const auto& literal = std::get<std::string>(step.pattern);
    for (std::size_t at = 0; (at = word.find(literal, at)) != std::string_view::npos;) {
      add_match(at, at + literal.size());
      at += literal.size();
    }
  }
  if (done < word.size()) pieces.push_back({done, word.size(), step.invert});
  return pieces;
}

/// Joins separators to their neighbours as the behaviour asks; the result keeps the order.
std::vector<SplitPiece> arrange(const std::vector<SplitPiece>& pieces, SplitBehavior behavior) {
  std::vector<SplitPiece> out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const SplitPiece& piece = pieces[i];
    const bool after_text = i > 0 && !pieces[i - 1].is_separator;
    const bool after_separator = i > 0 && pieces[i - 1].is_separator;
    bool join = false;
    switch (behavior) {
      case SplitBehavior::kRemoved:
        if (piece.is_separator) continue;
        break;
      case SplitBehavior::kIsolated:
        break;
      case SplitBehavior::kMergedWithPrevious:
        join = piece.is_separator && after_text;
        break;
      case SplitBehavior::kMergedWithNext:
        join = !piece.is_separator && after_separator;
        break;
      case SplitBehavior::kContiguous:
        join = i > 0 && pieces[i - 1].is_separator == piece.is_separator;
        break;
    }
    if (join) {
      out.back().end = piece.end;
    } else {
      out.push_back(piece);
    }
  }
  return out;
}

void run(const SplitStep& step, Words& words, const CutStretch& stretch) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  ranges.reserve(words.ranges.size());
  for (std::size_t w = 0; w < words.ranges.size(); ++w) {
    const std::size_t base = words.ranges[w].first;
    const auto pieces = find_pieces(words.word(w), step, stretch.work);
    for (const SplitPiece& p : arrange(pieces, step.behavior)) {
      ranges.emplace_back(base + p.begin, base + p.end);
    }
  }
  words.ranges = std::move(ranges);
}

/// Rewrites every word; `rewrite(word, index, out)` appends the new spelling to out.
template <class Rewrite>
void rewrite_words(Words& words, const CutStretch& stretch, Rewrite rewrite) {
  Words out;
  out.text.reserve(words.text.size() + words.text.size() / 2);
  out.ranges.reserve(words.ranges.size());
  for (std::size_t w = 0; w < words.ranges.size(); ++w) {
    const std::size_t begin = out.text.size();
    rewrite(words.word(w), w, out.text);
    check_growth("pre-tokenizer", stretch.bytes, out.text.size());
    out.ranges.emplace_back(begin, out.text.size());
  }
  words = std::move(out);
}

void run(const ByteLevelStep& step, Words& words, const CutStretch& stretch) {
  if (step.add_prefix_space) {
    rewrite_words(words, stretch, [](std::string_view word, std::size_t, std::string& out) {
      if (!word.starts_with(' ')) out += ' ';
      out += word;
    });
  }
  if (step.split) run(*step.split, words, stretch);
  rewrite_words(words, stretch, [](std::string_view word, std::size_t, std::string& out) {
    append_byte_level(out, word);
  });
}

void run(const MetaspaceStep& step, Words& words, const CutStretch& stretch) {
  using Prepend = MetaspaceStep::Prepend;
  rewrite_words(words, stretch, [&](std::string_view word, std::size_t index, std::string& out) {
    const bool begins_with_space = word.starts_with(' ') || word.starts_with(step.replacement);
    if (!begins_with_space &&
        (step.prepend == Prepend::kAlways ||
         (step.prepend == Prepend::kFirst && stretch.is_first && index == 0))) {
      out += step.replacement;
    }
    for (const char c : word) {
      if (c == ' ') {
        out += step.replacement;
      } else {
        out += c;
      }
    }
  });
  if (step.split) {
    run(SplitStep{step.replacement, SplitBehavior::kMergedWithNext, false}, words, stretch);
  }
}

}  // namespace

Words pre_tokenize(std::string text, const std::vector<PreTokenizerStep>& steps, bool is_first,
                   RegexWork& work) {
  const CutStretch stretch{text.size(), is_first, work};
  Words words;
  words.text = std::move(text);
  if (!words.text.empty()) words.ranges.emplace_back(0, words.text.size());
  for (const PreTokenizerStep& step : steps) {
    std::visit([&](const auto& s) { run(s, words, stretch); }, step);
  }
  return words;
}

std::string_view gpt2_pattern() {
  return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
}

}  // namespace pangu::text
