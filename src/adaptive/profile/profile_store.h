// SPDX-License-Identifier: Apache-2.0
// Profiles on disk: one SQLite file for all models, machines and versions of the program.
// docs/profile.md describes its tables.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/profile/database.h"
#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

/// "PANG", as SQLite's application_id.
inline constexpr std::int32_t kProfileApplication = 0x50414E47;
/// From nothing to the present schema.
Migrations profile_migrations();

/// $XDG_DATA_HOME/pangu/profile.db, by default ~/.local/share/pangu/profile.db. Throws ConfigError
/// where neither variable is set.
std::filesystem::path default_profile_file();

/// Every put_... is whole once it returns and nothing before, whenever the process ends, and brings
/// ProfileEntry::updated up to date. What was put before under the same names is replaced.
/// All throw FileError, put_... also where what the figures belong to was removed meanwhile, and
/// NumericError for figures that no measurement gives (profile_check.h), which are not kept.
class ProfileStore {
 public:
  explicit ProfileStore(const std::filesystem::path& file, Access access);

  /// Profiles of a model on any machine by any version, newest first; of all models without one.
  std::vector<ProfileEntry> entries(std::optional<std::string_view> model = {}) const;
  /// The profile of exactly this identity.
  std::optional<std::int64_t> find(const ProfileIdentity& identity) const;
  /// The same, made if it is not there. Name and memory are those of the last caller.
  std::int64_t open(const ProfileIdentity& identity, std::string_view model_name);
  /// Throws FileError, too, where figures of the file are none that a measurement gives: what was
  /// edited by hand or damaged is not computed with.
  ProfileData load(std::int64_t profile) const;

  void put_machine_speed(std::int64_t profile, const MachineSpeed& speed);
  /// The current task of its kind. Other items under the same kind are another task, and what was
  /// answered to them stays, unused. Returns its id.
  std::int64_t put_task(std::int64_t profile, const TaskFigures& task);
  /// `source_digest` tells the weights of Variant::source; empty for the model itself. Variants of
  /// other weights under the same name stay, unused. Returns the id. Throws ConfigError for unknown
  /// formats.
  std::int64_t put_variant(std::int64_t profile, const Variant& variant,
                           std::string_view source_digest);
  /// What one measurement of a variant gives, together: it takes the place of all that the variant
  /// had of them, so that no reading stands beside another moment's.
  void put_speed(std::int64_t variant, const Footprint& footprint,
                 std::span<const SpeedReading> readings);
  void put_divergence(std::int64_t variant, const DivergenceFigures& divergence);
  void put_answers(const AnswerSet& answers);
  void put_speculation(const SpeculationFigures& figures);
  /// Forgets what was measured for this profile.
  void remove(std::int64_t profile);

  /// A digest that was computed of a file of this size and time of change (nanoseconds); nothing if
  /// it has changed since.
  std::optional<std::string> known_digest(const std::filesystem::path& file, std::int64_t size,
                                          std::int64_t changed) const;
  void put_digest(const std::filesystem::path& file, std::int64_t size, std::int64_t changed,
                  std::string_view digest);

  const std::filesystem::path& file() const { return database_.file(); }
  Access access() const { return database_.access(); }

 private:
  void write_reading(std::int64_t variant, const SpeedReading& reading);
  void touch(std::int64_t profile);
  void touch_owner(std::string_view table, std::int64_t id);
  void read_machine_speed(ProfileData& data) const;
  void read_tasks(ProfileData& data) const;
  void read_variants(ProfileData& data) const;
  void read_answers(ProfileData& data) const;
  void read_speculation(ProfileData& data) const;

  Database database_;
};

/// Now, in UTC: "2026-11-30T18:00:00Z".
std::string utc_now();

}  // namespace pangu::adaptive
