// SPDX-License-Identifier: Apache-2.0
#include "eval/code_answer.h"

#include <algorithm>
#include <iterator>

#include "eval/answers.h"
#include "eval/markdown_parts.h"
#include "eval/python_text.h"
#include "eval/text_lines.h"

namespace pangu::eval {
namespace {

constexpr std::size_t kMostCandidates = 16;
/// Blocks of a reply that are looked at; a reply with more of them repeats itself.
constexpr std::size_t kMostPieces = 64;

/// Markers that a completion model writes after its code, and the next example's beginning.
constexpr std::string_view kEnds[] = {"[DONE]", "[BEGIN]", "if __name__", "You are an expert",
                                      "assert "};

/// Text up to where code plainly ends.
std::string before_end(std::string_view text) {
  std::string out;
  for (const std::string_view line : lines_of(text)) {
    const bool ends = std::any_of(std::begin(kEnds), std::end(kEnds),
                                  [line](std::string_view end) { return line.starts_with(end); });
    if (ends) break;
    out += line;
  }
  return out;
}

bool may_be_python(std::string_view language) {
  return language.empty() || language.starts_with("py") || language == "code";
}

/// A reply in pieces that may be code.
struct Pieces {
  std::vector<std::string> python;  ///< blocks of Python, or of no language
  std::vector<std::string> other;   ///< blocks of other languages
  std::vector<std::string> text;    ///< whole texts outside of blocks
  std::vector<std::string> runs;    ///< lines in them that look like Python

  std::vector<std::string> all() const {
    std::vector<std::string> out;
    for (const auto* kind : {&python, &other, &text, &runs}) {
      out.insert(out.end(), kind->begin(), kind->end());
    }
    return out;
  }
  /// Those that may stand beside code that needs them.
  std::vector<std::string> helpers() const {
    std::vector<std::string> out = python;
    out.insert(out.end(), runs.begin(), runs.end());
    return out;
  }
};

Pieces pieces_of(std::string_view answer) {
  Pieces out;
  std::size_t n = 0;
  for (const MarkdownPart& part : markdown_parts(answer)) {
    if (++n > kMostPieces) break;
    if (part.is_code) {
      (may_be_python(part.language) ? out.python : out.other).push_back(dedented(part.text));
      continue;
    }
    const std::string text = before_end(part.text);
    if (trimmed(text).empty()) continue;
    for (std::string& run : code_runs(text)) {
      if (out.runs.size() < kMostPieces) out.runs.push_back(std::move(run));
    }
    out.text.push_back(text);
  }
  return out;
}

using Names = std::vector<std::string>;

/// What the tests call: of the names that the file's own solution defines, or, without one, of all.
Names wanted_names(const CodeRow& row) {
  if (row.form == CodeRow::Form::kHumanEval) return {row.entry_point};
  std::string tests;
  for (const std::string& test : row.tests) tests += test + "\n";
  const Names called = called_names(tests);
  Names defined;
  std::copy_if(called.begin(), called.end(), std::back_inserter(defined),
               [&](const std::string& name) { return defines(row.reference, name); });
  return defined.empty() ? called : defined;
}

bool defines_any(std::string_view code, const Names& names) {
  return std::any_of(names.begin(), names.end(),
                     [code](const std::string& name) { return defines(code, name); });
}

/// Whether a piece offers something that code needs and does not have itself.
bool helps(const std::string& piece, const std::string& code, const Names& wanted) {
  const Names own = offered_names(code);
  const auto has = [](const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& name : offered_names(piece)) {
    if (!has(own, name) && (uses(code, name) || has(wanted, name))) return true;
  }
  return false;
}

/// Code with the pieces that it needs in front, in the order of the reply.
std::string with_helpers(const std::string& code, const std::vector<std::string>& pieces,
                         const Names& wanted) {
  std::vector<bool> taken(pieces.size(), false);
  std::string all = code;
  for (bool grows = true; grows;) {
    grows = false;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (taken[i] || pieces[i] == code || !helps(pieces[i], all, wanted)) continue;
      taken[i] = grows = true;
      all += pieces[i];
    }
  }
  std::string out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (taken[i]) out += pieces[i] + "\n";
  }
  return out + code;
}

/// What stands before the function that is to be completed: imports and helpers.
std::string preamble(const CodeRow& row) {
  const std::size_t at = find_definition(row.prompt, row.entry_point);
  return at == row.prompt.npos ? row.prompt + "\n" : row.prompt.substr(0, at);
}

/// How far the body of a prompt's function is indented.
std::string body_indent(std::string_view prompt) {
  std::string_view last;
  for (const std::string_view line : lines_of(prompt)) {
    if (!trimmed(line).empty()) last = line.substr(0, line.find_first_not_of(" \t"));
  }
  return last.empty() ? "    " : std::string(last);
}

/// A text as the body of the prompt's function: as it is; indented; with the indentation that its
/// first line lost.
std::vector<std::string> bodies(std::string_view text, const std::string& indent) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  std::vector<std::string> out{function_body(text), indented(dedented(text), indent),
                               function_body(indent + std::string(text.substr(begin)))};
  std::erase_if(out, [](const std::string& body) { return trimmed(body).empty(); });
  return out;
}

bool gives_back(std::string_view code) {
  return uses(code, "return") || uses(code, "yield") || uses(code, "raise");
}

class Candidates {
 public:
  explicit Candidates(const CodeRow& row) : row_(row), wanted_(wanted_names(row)) {
    if (row.form == CodeRow::Form::kHumanEval) preamble_ = preamble(row);
  }

  /// Pieces that define the function, first with what they need and then alone.
  void add_definitions(const Pieces& pieces) {
    const std::vector<std::string> helpers = pieces.helpers();
    for (const std::string& piece : pieces.all()) {
      if (!defines_any(piece, wanted_)) continue;
      add(preamble_ + with_helpers(piece, helpers, wanted_));
      add(preamble_ + piece);
    }
  }

  /// Texts that go on with the prompt's function; those that give something back first.
  void add_bodies(const std::vector<std::string>& texts) {
    const std::string indent = body_indent(row_.prompt);
    std::vector<std::string> all;
    for (const std::string& text : texts) {
      for (std::string& body : bodies(text, indent)) all.push_back(std::move(body));
    }
    std::stable_partition(all.begin(), all.end(), gives_back);
    for (const std::string& body : all) add(row_.prompt + body);
  }

  /// Where nothing defines the function: each piece, and the blocks of Python together.
  void add_whatever_is_there(const Pieces& pieces) {
    if (!pieces.python.empty()) add(pieces.python.front());
    std::string together;
    for (const std::string& block : pieces.python) together += block + "\n";
    if (pieces.python.size() > 1) add(together);
    for (const std::string& piece : pieces.all()) add(piece);
  }

  std::vector<std::string> take() {
    if (found_.empty()) found_.push_back(row_.form == CodeRow::Form::kMbpp ? "" : row_.prompt);
    return std::move(found_);
  }

 private:
  void add(std::string code) {
    const bool is_new = std::find(found_.begin(), found_.end(), code) == found_.end();
    if (!trimmed(code).empty() && is_new && found_.size() < kMostCandidates) {
      found_.push_back(std::move(code));
    }
  }

  const CodeRow& row_;
  Names wanted_;
  std::string preamble_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> code_candidates(const CodeRow& row, std::string_view answer, bool chat) {
  const Pieces pieces = pieces_of(answer);
  Candidates candidates(row);
  const bool is_head_given = row.form == CodeRow::Form::kHumanEval;
  // What a completion model writes goes on where the prompt ended, if it begins indented.
  const bool goes_on = is_head_given && !chat && !trimmed(function_body(answer)).empty();
  if (goes_on) candidates.add_bodies({std::string(answer)});
  candidates.add_definitions(pieces);
  if (!is_head_given) {
    candidates.add_whatever_is_there(pieces);
  } else if (!goes_on) {
    std::vector<std::string> texts = pieces.all();
    if (!chat) texts.insert(texts.begin(), std::string(answer));
    candidates.add_bodies(texts);
  }
  return candidates.take();
}

}  // namespace pangu::eval
