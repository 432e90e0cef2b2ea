// SPDX-License-Identifier: Apache-2.0
// ProfileStore::load: all figures of one profile, read in one view of the file.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "adaptive/profile/profile_check.h"
#include "adaptive/profile/profile_store.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

[[noreturn]] void refuse_stored(const std::filesystem::path& file, std::string_view what,
                                std::string_view fault) {
  fail<FileError>(
      "[profile] {}: {}: {}. It was edited, or is damaged. Correct it, or move the file away: what "
      "was measured is then measured anew.",
      file.string(), what, fault);
}

/// `what` makes the name of what is wrong, where something is.
template <class Figures, class Name>
void require_sound(const std::filesystem::path& file, const Figures& figures, const Name& what) {
  const std::string wrong = fault(figures);
  if (!wrong.empty()) refuse_stored(file, what(), wrong);
}

/// A name that the file has for something, by a function that throws ConfigError for others.
template <class Function>
auto known(const std::filesystem::path& file, std::string_view what, const Function& parse) {
  try {
    return parse();
  } catch (const ConfigError& error) {
    refuse_stored(file, what, error.what());
  }
}

/// Whether columns hold values: all or none of them.
bool holds(const Statement& row, int first, int count, const std::filesystem::path& file,
           std::string_view what) {
  int nulls = 0;
  for (int i = 0; i < count; ++i) nulls += row.is_null(first + i);
  if (nulls == 0 || nulls == count) return nulls == 0;
  refuse_stored(file, what, fmt::format("{} of its {} figures are missing", nulls, count));
}

VariantFigures variant_of(const Statement& row, const std::filesystem::path& file) {
  VariantFigures out{.id = row.integer(0),
                     .variant = {row.text(1), row.text(2), row.text(3)},
                     .source_digest = row.text(13)};
  const auto name = [&] { return fmt::format("variant {}", out.id); };
  const std::string what = name();
  known(file, what, [&] {
    check_formats(out.variant);
    return 0;
  });
  if (holds(row, 4, 4, file, what)) {
    out.footprint = {row.number(4), row.integer(5), row.integer(6), row.number(7)};
    require_sound(file, *out.footprint, name);
  }
  if (holds(row, 8, 5, file, what)) {
    out.divergence = {row.number(8), row.number(9), row.number(10), row.number(11),
                      row.integer(12)};
    require_sound(file, *out.divergence, name);
  }
  return out;
}

}  // namespace

ProfileData ProfileStore::load(std::int64_t profile) const {
  const View view(database_);  // another process may write between the queries
  const std::vector<ProfileEntry> all = entries();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ProfileEntry& entry) { return entry.id == profile; });
  if (found == all.end()) {
    fail<FileError>(
        "[profile] {} has no profile number {}: it was removed meanwhile. Run the command again.",
        file().string(), profile);
  }
  ProfileData out{.entry = *found};
  read_machine_speed(out);
  read_tasks(out);
  read_variants(out);
  read_answers(out);
  read_speculation(out);
  return out;
}

void ProfileStore::read_machine_speed(ProfileData& data) const {
  Statement query = database_.statement("SELECT bandwidth, peak FROM profile WHERE id = ?");
  query.bind(data.entry.id);
  constexpr std::string_view kWhat = "the machine's speed";
  if (!query.step() || !holds(query, 0, 2, file(), kWhat)) return;
  data.machine_speed = {query.number(0), query.number(1)};
  require_sound(file(), *data.machine_speed, [&] { return kWhat; });
}

void ProfileStore::read_tasks(ProfileData& data) const {
  Statement query = database_.statement(
      "SELECT id, kind, name, digest, items, chance FROM task WHERE profile = ? AND current "
      "ORDER BY id");
  query.bind(data.entry.id);
  while (query.step()) {
    data.tasks.push_back({query.integer(0), query.text(1), query.text(2), query.text(3),
                          query.integer(4), query.number(5)});
    require_sound(file(), data.tasks.back(),
                  [&] { return fmt::format("task {}", query.integer(0)); });
  }
}

void ProfileStore::read_variants(ProfileData& data) const {
  Statement query = database_.statement(
      "SELECT id, source, format, kv, load_s, resident_bytes, weight_bytes, position_bytes, "
      "kl_mean, kl_low, kl_high, kl_same_top, kl_positions, source_digest FROM variant WHERE "
      "profile = ? AND current ORDER BY id");
  query.bind(data.entry.id);
  std::map<std::int64_t, std::size_t> places;
  while (query.step()) {
    places[query.integer(0)] = data.variants.size();
    data.variants.push_back(variant_of(query, file()));
  }
  Statement speeds = database_.statement(
      "SELECT variant, prompt_tokens, batch, prefill, decode, reference_prefill, "
      "reference_decode, measured FROM speed WHERE variant IN (SELECT id FROM variant WHERE "
      "profile = ? AND current) ORDER BY variant, prompt_tokens, batch");
  speeds.bind(data.entry.id);
  while (speeds.step()) {
    const SpeedReading reading{speeds.integer(1), speeds.integer(2), speeds.number(3),
                               speeds.number(4),  speeds.number(5),  speeds.number(6),
                               speeds.text(7)};
    require_sound(file(), reading,
                  [&] { return fmt::format("a speed of variant {}", speeds.integer(0)); });
    data.variants[places.at(speeds.integer(0))].speed.push_back(reading);
  }
}

void ProfileStore::read_answers(ProfileData& data) const {
  Statement query = database_.statement(
      "SELECT task, variant, thinking, item, value, prompt_tokens, reply_tokens FROM answer WHERE "
      "task IN (SELECT id FROM task WHERE profile = ? AND current) AND variant IN (SELECT id FROM "
      "variant WHERE current) ORDER BY task, variant, thinking, item");
  query.bind(data.entry.id);
  while (query.step()) {
    const Thinking thinking =
        known(file(), "the table of answers", [&] { return parse_thinking(query.text(2)); });
    AnswerSet* set = data.answers.empty() ? nullptr : &data.answers.back();
    if (!set || set->task != query.integer(0) || set->variant != query.integer(1) ||
        set->thinking != thinking) {
      data.answers.push_back({query.integer(0), query.integer(1), thinking, {}});
      set = &data.answers.back();
    }
    set->answers.push_back({query.integer(3), query.number(4), query.integer(5), query.integer(6)});
    require_sound(file(), set->answers.back(), [&] {
      return fmt::format("an answer of variant {} to task {}", set->variant, set->task);
    });
  }
}

void ProfileStore::read_speculation(ProfileData& data) const {
  Statement query = database_.statement(
      "SELECT task, variant, thinking, mode, draft, speed_up, low, high FROM speculation WHERE "
      "task IN (SELECT id FROM task WHERE profile = ? AND current) AND variant IN (SELECT id FROM "
      "variant WHERE current) ORDER BY task, variant, thinking, mode, draft");
  query.bind(data.entry.id);
  while (query.step()) {
    const std::string what =
        fmt::format("a speed-up of variant {} in task {}", query.integer(1), query.integer(0));
    SpeculationFigures figures = known(file(), what, [&] {
      return SpeculationFigures{query.integer(0),
                                query.integer(1),
                                parse_thinking(query.text(2)),
                                require_speculation_mode(query.text(3)),
                                query.text(4),
                                query.number(5),
                                query.number(6),
                                query.number(7)};
    });
    require_sound(file(), figures, [&] { return std::string_view(what); });
    data.speculation.push_back(std::move(figures));
  }
}

}  // namespace pangu::adaptive
