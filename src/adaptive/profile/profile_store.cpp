// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/profile_store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "adaptive/profile/profile_check.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

ProfileEntry entry_of(const Statement& row) {
  ProfileEntry out;
  out.id = row.integer(0);
  out.identity = {.model = row.text(1),
                  .machine = {.processor = row.text(2),
                              .isa = row.text(3),
                              .threads = static_cast<int>(row.integer(4)),
                              .dtype = row.text(5),
                              .memory = row.integer(6)},
                  .engine = row.text(7)};
  out.model_name = row.text(8);
  out.created = row.text(9);
  out.updated = row.text(10);
  return out;
}

constexpr const char* kEntryColumns =
    "id, model, processor, isa, threads, dtype, memory, engine, model_name, created, updated";

/// Figures that no measurement gives are a fault of it, and must not become a recommendation.
void refuse_fault(std::string_view what, std::string_view fault) {
  if (fault.empty()) return;
  fail<NumericError>("[profile] {} cannot be kept: {}. Measure it again.", what, fault);
}

/// As paths of the digest table, which outlive the working folder.
std::string absolute_path(const std::filesystem::path& file) {
  return std::filesystem::absolute(file).lexically_normal().string();
}

}  // namespace

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

std::filesystem::path default_profile_file() {
  const auto folder = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::filesystem::path(value ? value : "");
  };
  // The specification of these folders has relative paths ignored.
  std::filesystem::path data = folder("XDG_DATA_HOME");
  if (!data.is_absolute()) {
    const std::filesystem::path home = folder("HOME");
    if (!home.is_absolute()) {
      fail<ConfigError>(
          "[profile] neither XDG_DATA_HOME nor HOME names a folder to keep measurements in. Set "
          "one, or name a file with --db.");
    }
    data = home / ".local" / "share";
  }
  return data / "pangu" / "profile.db";
}

ProfileStore::ProfileStore(const std::filesystem::path& file, Access access)
    : database_(file, access, kProfileApplication, profile_migrations()) {}

std::vector<ProfileEntry> ProfileStore::entries(std::optional<std::string_view> model) const {
  Statement query =
      database_.statement(fmt::format("SELECT {} FROM profile {} ORDER BY updated DESC, id DESC",
                                      kEntryColumns, model ? "WHERE model = ?" : ""));
  if (model) query.bind(*model);
  std::vector<ProfileEntry> out;
  while (query.step()) out.push_back(entry_of(query));
  return out;
}

std::optional<std::int64_t> ProfileStore::find(const ProfileIdentity& identity) const {
  Statement query =
      database_.statement("SELECT id FROM profile WHERE model = ? AND machine = ? AND engine = ?");
  query.bind(identity.model).bind(identity.machine.key()).bind(identity.engine);
  if (!query.step()) return std::nullopt;
  return query.integer(0);
}

std::int64_t ProfileStore::open(const ProfileIdentity& identity, std::string_view model_name) {
  const MachineIdentity& m = identity.machine;
  const std::string now = utc_now();
  Statement insert = database_.statement(
      "INSERT INTO profile (model, machine, engine, model_name, processor, isa, threads, dtype, "
      "memory, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (model, machine, engine) DO UPDATE SET model_name = excluded.model_name, "
      "memory = excluded.memory RETURNING id");
  insert.bind(identity.model).bind(m.key()).bind(identity.engine).bind(model_name);
  insert.bind(m.processor).bind(m.isa).bind(std::int64_t{m.threads}).bind(m.dtype);
  insert.bind(m.memory).bind(now).bind(now);
  insert.step();
  const std::int64_t id = insert.integer(0);
  insert.step();  // to its end, where SQLite commits it
  return id;
}

void ProfileStore::touch(std::int64_t profile) {
  database_.statement("UPDATE profile SET updated = ? WHERE id = ?")
      .bind(utc_now())
      .bind(profile)
      .run();
  if (database_.changes() > 0) return;
  fail<FileError>(
      "[profile] {} has no profile number {}: it was removed meanwhile. Run the command again, "
      "which begins anew.",
      file().string(), profile);
}

void ProfileStore::touch_owner(std::string_view table, std::int64_t id) {
  database_
      .statement(fmt::format("UPDATE profile SET updated = ? WHERE id = (SELECT profile FROM {} "
                             "WHERE id = ?)",
                             table))
      .bind(utc_now())
      .bind(id)
      .run();
  if (database_.changes() > 0) return;
  fail<FileError>(
      "[profile] {} has no {} number {}: its profile was removed meanwhile. Run the command again, "
      "which begins anew.",
      file().string(), table, id);
}

void ProfileStore::put_machine_speed(std::int64_t profile, const MachineSpeed& speed) {
  refuse_fault("the machine's speed", fault(speed));
  Transaction transaction(database_);
  touch(profile);
  database_.statement("UPDATE profile SET bandwidth = ?, peak = ? WHERE id = ?")
      .bind(speed.bandwidth)
      .bind(speed.peak)
      .bind(profile)
      .run();
  transaction.commit();
}

std::int64_t ProfileStore::put_task(std::int64_t profile, const TaskFigures& task) {
  refuse_fault(fmt::format("the task of kind '{}'", task.kind), fault(task));
  Transaction transaction(database_);
  touch(profile);
  database_.statement("UPDATE task SET current = 0 WHERE profile = ? AND kind = ?")
      .bind(profile)
      .bind(task.kind)
      .run();
  Statement insert = database_.statement(
      "INSERT INTO task (profile, kind, name, digest, items, chance, current) VALUES (?, ?, ?, ?, "
      "?, ?, 1) "
      "ON CONFLICT (profile, kind, digest) DO UPDATE SET current = 1, name = excluded.name, "
      "items = excluded.items, chance = excluded.chance RETURNING id");
  insert.bind(profile).bind(task.kind).bind(task.name).bind(task.digest);
  insert.bind(task.items).bind(task.chance);
  insert.step();
  const std::int64_t id = insert.integer(0);
  insert.step();
  transaction.commit();
  return id;
}

std::int64_t ProfileStore::put_variant(std::int64_t profile, const Variant& variant,
                                       std::string_view source_digest) {
  check_formats(variant);
  Transaction transaction(database_);
  touch(profile);
  database_
      .statement(
          "UPDATE variant SET current = 0 WHERE profile = ? AND source = ? AND "
          "source_digest <> ?")
      .bind(profile)
      .bind(variant.source.string())
      .bind(source_digest)
      .run();
  Statement insert = database_.statement(
      "INSERT INTO variant (profile, source, source_digest, format, kv, current) VALUES (?, ?, ?, "
      "?, ?, 1) ON CONFLICT (profile, source, source_digest, format, kv) DO UPDATE SET current = 1 "
      "RETURNING id");
  insert.bind(profile).bind(variant.source.string()).bind(source_digest);
  insert.bind(variant.format).bind(variant.kv);
  insert.step();
  const std::int64_t id = insert.integer(0);
  insert.step();
  transaction.commit();
  return id;
}

void ProfileStore::put_speed(std::int64_t variant, const Footprint& f,
                             std::span<const SpeedReading> readings) {
  refuse_fault(fmt::format("the footprint of variant {}", variant), fault(f));
  for (const SpeedReading& reading : readings) {
    refuse_fault(fmt::format("a speed of variant {}", variant), fault(reading));
  }
  Transaction transaction(database_);
  touch_owner("variant", variant);
  database_
      .statement(
          "UPDATE variant SET load_s = ?, resident_bytes = ?, weight_bytes = ?, "
          "position_bytes = ? WHERE id = ?")
      .bind(f.load_s)
      .bind(f.resident_bytes)
      .bind(f.weight_bytes)
      .bind(f.position_bytes)
      .bind(variant)
      .run();
  database_.statement("DELETE FROM speed WHERE variant = ?").bind(variant).run();
  for (const SpeedReading& reading : readings) write_reading(variant, reading);
  transaction.commit();
}

void ProfileStore::write_reading(std::int64_t variant, const SpeedReading& r) {
  database_
      .statement(
          "INSERT OR REPLACE INTO speed (variant, prompt_tokens, batch, prefill, decode, "
          "reference_prefill, reference_decode, measured) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(variant)
      .bind(r.prompt_tokens)
      .bind(r.batch)
      .bind(r.prefill)
      .bind(r.decode)
      .bind(r.reference_prefill)
      .bind(r.reference_decode)
      .bind(r.measured)
      .run();
}

void ProfileStore::put_divergence(std::int64_t variant, const DivergenceFigures& d) {
  refuse_fault(fmt::format("the divergence of variant {}", variant), fault(d));
  Transaction transaction(database_);
  touch_owner("variant", variant);
  database_
      .statement(
          "UPDATE variant SET kl_mean = ?, kl_low = ?, kl_high = ?, kl_same_top = ?, "
          "kl_positions = ? WHERE id = ?")
      .bind(d.mean)
      .bind(d.low)
      .bind(d.high)
      .bind(d.same_top)
      .bind(d.positions)
      .bind(variant)
      .run();
  transaction.commit();
}

void ProfileStore::put_answers(const AnswerSet& set) {
  for (const AnswerFigures& answer : set.answers) {
    refuse_fault(fmt::format("the answer to item {} of task {}", answer.item, set.task),
                 fault(answer));
  }
  Transaction transaction(database_);
  touch_owner("task", set.task);
  Statement insert = database_.statement(
      "INSERT OR REPLACE INTO answer (task, variant, thinking, item, value, prompt_tokens, "
      "reply_tokens) VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const AnswerFigures& answer : set.answers) {
    insert.bind(set.task).bind(set.variant).bind(thinking_name(set.thinking)).bind(answer.item);
    insert.bind(answer.value).bind(answer.prompt_tokens).bind(answer.reply_tokens).run();
  }
  transaction.commit();
}

void ProfileStore::put_speculation(const SpeculationFigures& s) {
  refuse_fault(fmt::format("the speed-up of variant {}", s.variant), fault(s));
  Transaction transaction(database_);
  touch_owner("task", s.task);
  database_
      .statement(
          "INSERT OR REPLACE INTO speculation (task, variant, thinking, mode, draft, "
          "speed_up, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(s.task)
      .bind(s.variant)
      .bind(thinking_name(s.thinking))
      .bind(pangu::name(s.mode))
      .bind(s.draft)
      .bind(s.speed_up)
      .bind(s.low)
      .bind(s.high)
      .run();
  transaction.commit();
}

void ProfileStore::remove(std::int64_t profile) {
  database_.statement("DELETE FROM profile WHERE id = ?").bind(profile).run();
}

std::optional<std::string> ProfileStore::known_digest(const std::filesystem::path& file,
                                                      std::int64_t size,
                                                      std::int64_t changed) const {
  Statement query =
      database_.statement("SELECT digest FROM digest WHERE path = ? AND size = ? AND changed = ?");
  query.bind(absolute_path(file)).bind(size).bind(changed);
  if (!query.step()) return std::nullopt;
  return query.text(0);
}

void ProfileStore::put_digest(const std::filesystem::path& file, std::int64_t size,
                              std::int64_t changed, std::string_view digest) {
  database_
      .statement("INSERT OR REPLACE INTO digest (path, size, changed, digest) VALUES (?, ?, ?, ?)")
      .bind(absolute_path(file))
      .bind(size)
      .bind(changed)
      .bind(digest)
      .run();
}

}  // namespace pangu::adaptive
