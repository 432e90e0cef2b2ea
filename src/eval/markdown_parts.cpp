// SPDX-License-Identifier: Apache-2.0
#include "eval/markdown_parts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "eval/answers.h"
#include "eval/text_lines.h"

namespace pangu::eval {
namespace {

struct Fence {
  char mark = '`';
  std::size_t length = 3;
  std::size_t quotes = 0;  ///< ">" in front
  std::size_t indent = 0;  ///< what stands in front after these, a list's mark included
  std::string language;
};

std::size_t blanks_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

std::size_t run_of(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

/// Takes "> " off the front, `quotes` times; false if the line has fewer of them.
bool take_quotes(std::string_view& line, std::size_t quotes) {
  for (; quotes > 0; --quotes) {
    const std::size_t at = blanks_of(line);
    if (at >= line.size() || line[at] != '>') return false;
    line.remove_prefix(at + 1);
    if (line.starts_with(" ")) line.remove_prefix(1);
  }
  return true;
}

/// Length of a list's mark at the front: "- ", "12. ", "3) ".
std::size_t list_mark(std::string_view line) {
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  const std::string_view ends = digits > 0 ? ".)" : "-*+";
  const bool is_mark = digits < 10 && digits + 1 < line.size() &&
                       ends.find(line[digits]) != ends.npos && line[digits + 1] == ' ';
  return is_mark ? digits + 2 : 0;
}

std::string first_word_in_lower_case(std::string_view info) {
  const std::size_t begin = std::min(info.find_first_not_of("{. \t"), info.size());
  std::string word(info.substr(begin, info.find_first_of("}, \t:", begin) - begin));
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

/// The fence in a line whose quote marks are taken off, with what stands before it.
std::optional<Fence> fence_in(std::string_view line, std::size_t at, std::size_t quotes) {
  if (at >= line.size() || (line[at] != '`' && line[at] != '~')) return std::nullopt;
  Fence fence{.mark = line[at],
              .length = run_of(line.substr(at), line[at]),
              .quotes = quotes,
              .indent = at,
              .language = {}};
  const std::string_view info = trimmed(line.substr(at + fence.length));
  const bool is_inline_code = fence.mark == '`' && info.find('`') != info.npos;
  if (fence.length < 3 || is_inline_code) return std::nullopt;
  fence.language = first_word_in_lower_case(info);
  return fence;
}

std::optional<Fence> opening_fence(std::string_view line) {
  std::size_t quotes = 0;
  for (std::string_view rest = line; take_quotes(rest, 1); line = rest) ++quotes;
  std::size_t at = blanks_of(line);
  for (std::size_t mark = list_mark(line.substr(at)); mark > 0;) {
    at += mark;
    at += blanks_of(line.substr(at));
    mark = list_mark(line.substr(at));
  }
  return fence_in(line, at, quotes);
}

bool names_python(std::string_view language) {
  return language == "python" || language == "py" || language == "python3";
}

/// Words after a fence that describe no block: "``` This adds them."
bool is_sentence(std::string_view info) {
  const std::string_view words = trimmed(info);
  return info.starts_with(' ') && words.find(' ') != words.npos &&
         words.find_first_of("={`~") == words.npos &&
         !names_python(first_word_in_lower_case(words));
}

/// "Here it is: ```python": where the fence begins.
std::optional<std::size_t> fence_after_text(std::string_view line) {
  const std::size_t at = line.rfind("```");
  if (at == line.npos || at == 0 || line.find('`') != at) return std::nullopt;
  const bool is_fence = names_python(first_word_in_lower_case(trimmed(line.substr(at + 3))));
  return is_fence ? std::optional(at) : std::nullopt;
}

bool closes(const Fence& fence, std::string_view line) {
  const std::size_t at = blanks_of(line);
  if (at > fence.indent + 3) return false;  // code that shows a fence, in a docstring
  const std::size_t length = run_of(line.substr(at), fence.mark);
  const std::string_view info = line.substr(at + length);
  return length >= fence.length && (trimmed(info).empty() || is_sentence(info));
}

/// A fence with a language where a block is open: the one before was not closed.
std::optional<Fence> reopening_fence(const Fence& open, std::string_view line) {
  const std::size_t at = blanks_of(line);
  if (at > open.indent + 3) return std::nullopt;
  auto fence = fence_in(line, at, open.quotes);
  const bool begins =
      fence && !fence->language.empty() && fence->mark == open.mark && fence->length >= open.length;
  return begins ? fence : std::nullopt;
}

/// Code of a block that nothing closed, up to a fence at the end of one of its lines.
std::string without_late_fence(const std::string& code, char mark) {
  const std::string fence(3, mark);
  std::string out;
  for (const std::string_view line : lines_of(code)) {
    const std::string_view content = trimmed(line);
    if (content.ends_with(fence)) {
      const std::size_t end = line.substr(0, line.rfind(fence)).find_last_not_of(mark);
      return out + std::string(line.substr(0, end + 1)) + "\n";
    }
    out += line;
  }
  return out;
}

class MarkdownReader {
 public:
  std::vector<MarkdownPart> read(std::string_view text) {
    for (std::string_view line : lines_of(text)) {
      if (open_ && add_to_block(line)) continue;
      add_to_text(line);
    }
    end_part(open_.has_value());
    return std::move(parts_);
  }

 private:
  /// False if the line ends the block's quote and is no part of it.
  bool add_to_block(std::string_view line) {
    std::string_view content = line;
    if (!take_quotes(content, open_->quotes)) {
      end_part(true);
      return false;
    }
    if (closes(*open_, content)) {
      end_part(false);
    } else if (auto next = reopening_fence(*open_, content)) {
      end_part(true);
      begin_block(std::move(*next));
    } else {
      content.remove_prefix(std::min(blanks_of(content), open_->indent));
      text_ += content;
    }
    return true;
  }

  void add_to_text(std::string_view line) {
    if (auto fence = opening_fence(line)) {
      end_part(false);
      begin_block(std::move(*fence));
    } else if (const auto at = fence_after_text(line)) {
      text_ += std::string(line.substr(0, *at)) + "\n";
      end_part(false);
      begin_block(*fence_in(line.substr(*at), 0, 0));
    } else {
      text_ += line;
    }
  }

  void begin_block(Fence fence) { open_ = std::move(fence); }

  /// Ends the block that is open, or the text that is being read.
  void end_part(bool is_unclosed) {
    if (is_unclosed && open_) text_ = without_late_fence(text_, open_->mark);
    if (!trimmed(text_).empty()) {
      if (!text_.ends_with('\n')) text_ += '\n';
      parts_.push_back({.is_code = open_.has_value(),
                        .language = open_ ? open_->language : std::string(),
                        .text = std::move(text_)});
    }
    text_.clear();
    open_.reset();
  }

  std::vector<MarkdownPart> parts_;
  std::optional<Fence> open_;
  std::string text_;
};

/// Line ends of other systems as line feeds.
std::string with_line_feeds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  return out;
}

}  // namespace

std::vector<MarkdownPart> markdown_parts(std::string_view text) {
  std::vector<MarkdownPart> out;
  for (MarkdownPart& part : MarkdownReader().read(with_line_feeds(text))) {
    if (part.is_code && (part.language == "markdown" || part.language == "md")) {
      for (MarkdownPart& inner : MarkdownReader().read(part.text)) out.push_back(std::move(inner));
    } else {
      out.push_back(std::move(part));
    }
  }
  return out;
}

}  // namespace pangu::eval
