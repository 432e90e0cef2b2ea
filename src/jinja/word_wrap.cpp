// SPDX-License-Identifier: Apache-2.0
#include "jinja/word_wrap.h"

#include <algorithm>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

/// Decoded, with the byte that each character begins at.
struct Characters {
  std::vector<char32_t> text;
  std::vector<std::size_t> offsets;

  explicit Characters(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      offsets.push_back(at);
      text.push_back(utf8::next(bytes, at));
    }
    offsets.push_back(bytes.size());
  }
  std::size_t size() const { return text.size(); }
  char32_t at(std::size_t i) const { return i < text.size() ? text[i] : 0; }
};

/// Characters [begin, end).
struct Chunk {
  std::size_t begin;
  std::size_t end;
  std::size_t size() const { return end - begin; }
};

bool is_wrap_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == U' ';
}
bool is_wrap_letter(char32_t c) {
  return is_word_char(c) && !is_decimal(c);
}
/// What an em-dash may follow.
bool is_before_dash(char32_t c) {
  return is_word_char(c) || std::u32string_view(U"!\"'&.,?").find(c) != std::u32string_view::npos;
}

/// Whether two dashes or more, and then a word, begin at `i`.
bool is_em_dash(const Characters& all, std::size_t i) {
  if (i == 0 || !is_before_dash(all.at(i - 1)) || all.at(i) != U'-' || all.at(i + 1) != U'-') {
    return false;
  }
  while (all.at(i) == U'-') ++i;
  return i < all.size() && is_word_char(all.at(i));
}

/// Whether a word may be cut behind the hyphen at `i`.
bool is_hyphen(const Characters& all, std::size_t i) {
  if (all.at(i) != U'-') return false;
  const auto letter = [&](std::size_t back) {
    return i >= back && is_wrap_letter(all.at(i - back));
  };
  const bool follows_word = (letter(1) && letter(2)) ||
                            (letter(3) && all.at(i - 2) == U'-' && is_before_dash(all.at(i - 1)));
  const std::size_t next = all.at(i + 2) == U'-' ? i + 3 : i + 2;
  return follows_word && i + 1 < all.size() && is_wrap_letter(all.at(i + 1)) && next < all.size() &&
         is_wrap_letter(all.at(next));
}

/// The end of the chunk that begins at `begin`: blanks, an em-dash, or a word or its part.
std::size_t chunk_end(const Characters& all, std::size_t begin, bool breaks_on_hyphens) {
  std::size_t i = begin;
  if (is_wrap_blank(all.at(i))) {
    while (i < all.size() && is_wrap_blank(all.at(i))) ++i;
    return i;
  }
  if (breaks_on_hyphens && is_em_dash(all, i)) {
    while (all.at(i) == U'-') ++i;
    return i;
  }
  for (++i; i < all.size() && !is_wrap_blank(all.at(i)); ++i) {
    if (breaks_on_hyphens && is_hyphen(all, i)) return i + 1;
    if (breaks_on_hyphens && is_em_dash(all, i)) return i;
  }
  return i;
}

class Wrapper {
 public:
  Wrapper(std::string_view text, const WrapOptions& options)
      : bytes_(text), all_(text), options_(options) {
    for (std::size_t at = 0; at < all_.size();) {
      const std::size_t end = chunk_end(all_, at, options.breaks_on_hyphens);
      chunks_.push_back({at, end});
      at = end;
    }
    std::reverse(chunks_.begin(), chunks_.end());
  }

  std::vector<std::string_view> run() {
    std::vector<std::string_view> lines;
    while (!chunks_.empty()) {
      if (!lines.empty() && is_blank(chunks_.back())) chunks_.pop_back();
      const Chunk line = next_line();
      if (line.size() > 0) lines.push_back(text_of(line));
    }
    return lines;
  }

 private:
  std::string_view text_of(const Chunk& chunk) const {
    const std::size_t begin = all_.offsets[chunk.begin];
    return bytes_.substr(begin, all_.offsets[chunk.end] - begin);
  }
  bool is_blank(const Chunk& chunk) const { return stripped(text_of(chunk)).empty(); }

  Chunk next_line() {
    if (chunks_.empty()) return {0, 0};
    Chunk line{chunks_.back().begin, chunks_.back().begin};
    Chunk last = line;
    const auto take = [&](std::size_t end) {
      last = {line.end, end};
      line.end = end;
    };
    while (!chunks_.empty() && line.size() + chunks_.back().size() <= options_.width) {
      take(chunks_.back().end);
      chunks_.pop_back();
    }
    if (!chunks_.empty() && chunks_.back().size() > options_.width) {
      Chunk& word = chunks_.back();
      if (options_.breaks_long_words) {
        take(word.begin + room_of(word, options_.width - line.size()));
        word.begin = line.end;
      } else if (line.size() == 0) {
        take(word.end);
        chunks_.pop_back();
      }
    }
    if (is_blank(last)) line.end = last.begin;
    return line;
  }

  /// How many characters of a word that is too long go into `room`: up to a hyphen if it has one.
  std::size_t room_of(const Chunk& word, std::size_t room) const {
    if (!options_.breaks_on_hyphens) return room;
    std::size_t hyphen = room;
    while (hyphen > 0 && all_.at(word.begin + hyphen - 1) != U'-') --hyphen;
    if (hyphen <= 1) return room;
    for (std::size_t i = 0; i + 1 < hyphen; ++i) {
      if (all_.at(word.begin + i) != U'-') return hyphen;
    }
    return room;
  }

  std::string_view bytes_;
  Characters all_;
  WrapOptions options_;
  std::vector<Chunk> chunks_;  // the next one last
};

}  // namespace

std::vector<std::string_view> wrap_words(std::string_view text, const WrapOptions& options) {
  return Wrapper(text, options).run();
}

}  // namespace pangu::jinja
