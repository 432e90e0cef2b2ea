// SPDX-License-Identifier: Apache-2.0
#include "eval/rows.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "data/json_lines.h"
#include "eval/numbers.h"

namespace pangu::eval {
namespace {

/// What one row may hold: no task needs more, and a parsed value takes 30 times its text.
constexpr JsonLimits kRowLimits{
    .max_bytes = kMaxRecordBytes, .max_depth = 32, .max_values = 200'000};

RowInfo read_info(const JsonObject& row, std::int64_t line) {
  RowInfo info{.line = line, .groups = {}};
  for (const char* key : {"language", "family"}) {
    if (row.contains(key)) info.groups.emplace_back(key, row.get_string(key));
  }
  return info;
}

std::string non_empty(const JsonObject& row, std::string_view key) {
  const std::string& text = row.get_string(key);
  if (text.empty()) row.reject(key, "a text that is not empty");
  return text;
}

/// An array of texts, none of them empty.
std::vector<std::string> texts(const JsonObject& row, std::string_view key, std::size_t at_least) {
  const Json* found = row.find(key);
  const std::string expected = fmt::format("an array of {} or more texts", at_least);
  if (!found || !found->is_array() || found->size() < at_least) row.reject(key, expected);
  std::vector<std::string> out;
  for (const Json& item : *found) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) {
      row.reject_element(key, out.size(), "a text that is not empty");
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

TextRow read_row(const JsonObject& row, RowInfo info, TextRow*) {
  return {.info = std::move(info), .text = row.get_string("text")};
}

ChoiceRow read_row(const JsonObject& row, RowInfo info, ChoiceRow*) {
  ChoiceRow out{.info = std::move(info), .prompt = row.get_string("prompt"), .choices = {}};
  out.choices = texts(row, "choices", 2);
  out.answer = static_cast<std::size_t>(
      row.get_int("answer_index", 0, static_cast<std::int64_t>(out.choices.size()) - 1));
  return out;
}

MathRow read_row(const JsonObject& row, RowInfo info, MathRow*) {
  MathRow out{.info = std::move(info),
              .question = non_empty(row, "question"),
              .answer = non_empty(row, "answer"),
              .number = {},
              .chat_prompt = row.get_string_or("chat_prompt", "")};
  const auto number = find_answer_number(out.answer);
  if (!number)
    row.reject("answer", "a text with a number that can be computed exactly, best after '####',");
  out.number = *number;
  return out;
}

CodeRow read_row(const JsonObject& row, RowInfo info, CodeRow*) {
  CodeRow out{.info = std::move(info)};
  out.chat_prompt = row.get_string_or("chat_prompt", "");
  if (row.contains("entry_point")) {
    out.form = CodeRow::Form::kHumanEval;
    out.prompt = non_empty(row, "prompt");
    out.reference = row.get_string("canonical_solution");
    out.tests = {non_empty(row, "test")};
    out.entry_point = non_empty(row, "entry_point");
    const auto is_name = [](char c) {
      return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    if (!std::all_of(out.entry_point.begin(), out.entry_point.end(), is_name)) {
      row.reject("entry_point", "the name of a function");
    }
    return out;
  }
  if (!row.contains("test_list") && row.contains("canonical_solution"))
    row.get_string("entry_point");
  out.prompt = non_empty(row, "text");
  out.reference = row.get_string_or("code", "");
  out.tests = texts(row, "test_list", 1);
  out.setup = row.get_string_or("test_setup_code", "");
  return out;
}

MatchRow read_row(const JsonObject& row, RowInfo info, MatchRow*) {
  return {.info = std::move(info),
          .prompt = non_empty(row, "prompt"),
          .answer = non_empty(row, "answer")};
}

template <class Row>
std::vector<Row> parse_rows(std::string_view content, const std::string& file, std::int64_t limit) {
  JsonLines lines(content, file);
  std::vector<Row> rows;
  while (limit < 0 || static_cast<std::int64_t>(rows.size()) < limit) {
    const auto line = lines.next();
    if (!line) break;
    const Json json = parse_json(line->text, line->where, kRowLimits);
    const JsonObject row(line->where, json,
                         {.advice = "Correct the row.", .advice_for_missing = "Add it."});
    rows.push_back(read_row(row, read_info(row, line->number), static_cast<Row*>(nullptr)));
  }
  if (rows.empty() && limit != 0) {
    fail<FileError>("[rows] {} has no rows. One JSON object a line was expected.", file);
  }
  return rows;
}

}  // namespace

std::vector<TextRow> parse_text_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit) {
  return parse_rows<TextRow>(content, file, limit);
}

std::vector<ChoiceRow> parse_choice_rows(std::string_view content, const std::string& file,
                                         std::int64_t limit) {
  return parse_rows<ChoiceRow>(content, file, limit);
}

std::vector<MathRow> parse_math_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit) {
  return parse_rows<MathRow>(content, file, limit);
}

std::vector<CodeRow> parse_code_rows(std::string_view content, const std::string& file,
                                     std::int64_t limit) {
  return parse_rows<CodeRow>(content, file, limit);
}

std::vector<MatchRow> parse_match_rows(std::string_view content, const std::string& file,
                                       std::int64_t limit) {
  return parse_rows<MatchRow>(content, file, limit);
}

}  // namespace pangu::eval
