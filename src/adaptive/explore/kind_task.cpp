// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/kind_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adaptive/task_kind.h"
#include "base/clipped.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/last_name.h"
#include "io/file_digest.h"

namespace pangu::adaptive {
namespace {

/// Of every three items one is kept back.
constexpr std::int64_t kPartPeriod = 3;

bool belongs(std::int64_t row, ItemPart part) {
  return (row % kPartPeriod == kPartPeriod - 1) == (part == ItemPart::kKeptBack);
}

std::int64_t row_count(const eval::Rows& rows) {
  return std::visit([](const auto& list) { return std::ssize(list); }, rows);
}

double chance_of(const eval::Rows& rows) {
  const auto* choices = std::get_if<std::vector<eval::ChoiceRow>>(&rows);
  if (!choices || choices->empty()) return 0;
  double sum = 0;
  for (const eval::ChoiceRow& row : *choices) sum += 1 / static_cast<double>(row.choices.size());
  return sum / static_cast<double>(choices->size());
}

/// What scores depend on besides the items.
std::string settings_text(const eval::EvalOptions& o) {
  return fmt::format("{} {} {} {} {}", eval::name(o.task), static_cast<int>(o.form), o.max_tokens,
                     o.shots, o.first_line);
}

[[noreturn]] void refuse_form(const std::string& text) {
  fail<ConfigError>(
      "[profile] '{}' was given. KIND=TASK:FILE was expected, such as math=gsm8k:problems.jsonl.",
      clipped(text));
}

}  // namespace

std::int64_t KindTask::size(ItemPart part) const {
  const std::int64_t n = row_count(data.rows), kept_back = n / kPartPeriod;
  return part == ItemPart::kKeptBack ? kept_back : n - kept_back;
}

eval::EvalData KindTask::items(ItemPart part, std::int64_t first, std::int64_t count) const {
  return {.rows = std::visit(
              [&](const auto& rows) -> eval::Rows {
                std::remove_cvref_t<decltype(rows)> out;
                std::int64_t at = 0;
                for (std::int64_t row = 0; row < std::ssize(rows); ++row) {
                  if (!belongs(row, part)) continue;
                  if (at >= first && at < first + count) {
                    out.push_back(rows[static_cast<std::size_t>(row)]);
                  }
                  ++at;
                }
                return out;
              },
              data.rows),
          .shots = data.shots};
}

std::vector<std::int64_t> lines_of(const eval::EvalData& data) {
  return std::visit(
      [](const auto& rows) {
        std::vector<std::int64_t> out;
        for (const auto& row : rows) out.push_back(row.info.line);
        return out;
      },
      data.rows);
}

KindTask make_kind_task(std::string kind, std::string name, const eval::EvalOptions& options,
                        eval::Rows rows, std::string_view content) {
  require_kind_name(kind, "profile");
  KindTask out{.kind = std::move(kind), .name = std::move(name), .options = options};
  out.chance = chance_of(rows);
  out.data.rows = std::move(rows);
  ContentHash hash;
  hash.add(content);
  hash.add(settings_text(options));
  out.digest = fmt::format("{:016x}", hash.value());
  return out;
}

KindTask parse_kind_task(const std::string& text, std::int64_t limit) {
  const std::size_t equals = text.find('='), colon = text.find(':', equals);
  if (equals == std::string::npos || colon == std::string::npos || colon + 1 == text.size()) {
    refuse_form(text);
  }
  const std::string task = text.substr(equals + 1, colon - equals - 1);
  eval::EvalOptions options;
  options.task = eval::parse_task(task);
  options.data = text.substr(colon + 1);
  options.limit = limit;
  if (options.task == eval::Task::kPerplexity || options.task == eval::Task::kDivergence) {
    fail<ConfigError>(
        "[profile] '{}': {} gives no answers that are right or wrong. Expected mcq, gsm8k, code or "
        "match.",
        clipped(text), task);
  }
  eval::EvalData data = eval::load_eval_data(options);
  KindTask out = make_kind_task(
      text.substr(0, equals), fmt::format("{}: {}", task, last_name(options.data)), options,
      std::move(data.rows), fmt::format("{} {}", file_digest(options.data), limit));
  if (out.size(ItemPart::kKeptBack) == 0) {
    fail<ConfigError>(
        "[profile] {} has {} items. At least {} are needed: of every {} one is kept back for the "
        "check.",
        options.data.string(), row_count(out.data.rows), kPartPeriod, kPartPeriod);
  }
  return out;
}

}  // namespace pangu::adaptive
