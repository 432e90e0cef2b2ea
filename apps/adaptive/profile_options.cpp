// SPDX-License-Identifier: Apache-2.0
#include "apps/adaptive/profile_options.h"

#include <fmt/format.h>

#include "adaptive/profile/model_digest.h"
#include "apps/shared/command_text.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "models/model_files.h"

namespace pangu::app {
namespace {

/// How figures that are there differ from those that are wanted.
std::string difference(const adaptive::ProfileIdentity& wanted,
                       const adaptive::ProfileEntry& entry) {
  const adaptive::ProfileIdentity& has = entry.identity;
  std::string out;
  if (has.machine.key() != wanted.machine.key())
    out += "on another machine or with other options (" + has.machine.key() + ")";
  if (has.engine != wanted.engine) {
    out += fmt::format("{}by another build of pangu ({})", out.empty() ? "" : " and ", has.engine);
  }
  return fmt::format("{} {}", entry.updated, out);
}

}  // namespace

std::filesystem::path ProfileFlags::file() const {
  return db.empty() ? adaptive::default_profile_file() : std::filesystem::path(db);
}

void add_profile_flags(CLI::App& command, ProfileFlags& flags) {
  command.add_option("--db", flags.db, "Where measurements are kept")
      ->type_name(kPathType)
      ->default_str("pangu/profile.db in $XDG_DATA_HOME or ~/.local/share")
      ->group("Output");
}

std::string engine() {
  return adaptive::engine_identity(PANGU_VERSION);
}

adaptive::ProfileIdentity identity_of(const std::string& model, const CommonOptions& common,
                                      adaptive::ProfileStore* store) {
  Context ctx(context_options(common));
  return {.model = adaptive::model_digest(resolve_model(model), store),
          .machine = adaptive::machine_identity(ctx, thread_count(common)),
          .engine = engine()};
}

adaptive::ProfileData load_profile(const ProfileFlags& flags, const CommonOptions& common) {
  adaptive::ProfileStore store(flags.file(), adaptive::Access::kRead);
  const adaptive::ProfileIdentity wanted = identity_of(flags.model, common, &store);
  if (const auto id = store.find(wanted)) return store.load(*id);
  const auto others = store.entries(wanted.model);
  std::string found;
  for (const adaptive::ProfileEntry& entry : others) found += "\n  " + difference(wanted, entry);
  fail<ConfigError>(
      "[profile] {} has no figures of {} on {} by this build.{}{} Measure: pangu profile {} "
      "--budget 2m",
      store.file().string(), flags.model, wanted.machine.key(),
      others.empty() ? "" : " There are figures of:", found, shell_word(flags.model));
}

}  // namespace pangu::app
