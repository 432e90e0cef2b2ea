// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/wording_noise.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "adaptive/intent/features/text_units.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "corpus/draw.h"

namespace pangu::adaptive {
namespace {

constexpr int kTypoPercent = 10;

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += utf8::next(text, at);
  return out;
}

/// A key beside this one, for small letters; others stay.
char32_t neighbour_key(char32_t c, corpus::Draw& draw) {
  static constexpr std::u32string_view kRows[] = {U"qwertyuiop", U"asdfghjkl", U"zxcvbnm"};
  for (const std::u32string_view row : kRows) {
    const std::size_t at = row.find(c);
    if (at == row.npos) continue;
    const bool left = at + 1 == row.size() || (at > 0 && draw.percent(50));
    return left ? row[at - 1] : row[at + 1];
  }
  return c;
}

std::u32string mistyped(std::u32string word, corpus::Draw& draw) {
  const std::size_t at = draw.below(word.size());
  switch (word.size() > 1 ? draw.between(0, 3) : 2) {
    case 0:
      std::swap(word[at], word[at + 1 < word.size() ? at + 1 : at - 1]);
      break;
    case 1:
      word.erase(at, 1);
      break;
    case 2:
      word.insert(at, 1, word[at]);
      break;
    default:
      word[at] = neighbour_key(word[at], draw);
  }
  return word;
}

/// Words: runs of letters, single Han characters; and what lies between them.
std::vector<std::u32string> typed_pieces(const std::u32string& text) {
  std::vector<std::u32string> pieces;
  bool in_word = false;
  for (const char32_t c : text) {
    const bool is_letter = char_kind(c) == CharKind::kLetter;
    if (!(in_word && is_letter)) pieces.emplace_back();
    pieces.back() += c;
    in_word = is_letter;
  }
  return pieces;
}

bool is_word(const std::u32string& piece) {
  const CharKind kind = char_kind(piece.front());
  return kind == CharKind::kLetter || kind == CharKind::kHan;
}

bool is_mostly_han(std::string_view text) {
  std::size_t han = 0, letters = 0;
  for (const char32_t c : code_points(text)) {
    han += char_kind(c) == CharKind::kHan ? 1 : 0;
    letters += char_kind(c) == CharKind::kLetter ? 1 : 0;
  }
  return 2 * han > letters;
}

}  // namespace

Request with_typos(const Request& request, std::uint64_t seed) {
  corpus::Draw draw(seed, 1, fnv1a(request.text));
  std::vector<std::u32string> pieces = typed_pieces(code_points(request.text));
  std::vector<std::size_t> words;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (is_word(pieces[i])) words.push_back(i);
  }
  if (words.empty()) return request;
  const auto spared = draw.pick(words);
  for (const std::size_t i : words) {
    if (i != spared && !draw.percent(kTypoPercent)) continue;
    const bool is_han = char_kind(pieces[i].front()) == CharKind::kHan;
    if (is_han && i + 1 < pieces.size() && draw.percent(34)) {
      std::swap(pieces[i], pieces[i + 1]);
    } else if (is_han && draw.percent(50)) {
      pieces[i].clear();
    } else {
      pieces[i] = mistyped(std::move(pieces[i]), draw);
    }
  }
  std::string text;
  for (const std::u32string& piece : pieces) {
    for (const char32_t c : piece) utf8::append(text, c);
  }
  if (text.empty()) return request;
  return {.text = std::move(text), .context = request.context};
}

Request paraphrased(const Request& request, int way) {
  struct Frame {
    const char *before, *after;
  };
  static constexpr Frame kEnglish[kParaphrases] = {
      {"Hi there, I could use a hand with something. ", ""},
      {"", "\n\nThanks in advance, I appreciate your help!"}};
  static constexpr Frame kChinese[kParaphrases] = {{"你好，想麻烦你帮我看一下这个：", ""},
                                                   {"", "\n先谢谢了，辛苦你啦！"}};
  const Frame& frame = (is_mostly_han(request.text) ? kChinese : kEnglish)[way % kParaphrases];
  return {.text = frame.before + request.text + frame.after, .context = request.context};
}

}  // namespace pangu::adaptive
