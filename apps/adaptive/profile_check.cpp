// SPDX-License-Identifier: Apache-2.0
#include "apps/adaptive/profile_check.h"

#include <fmt/format.h>

#include "adaptive/explore/explore.h"
#include "adaptive/report/drift_report.h"
#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/output.h"
#include "base/error.h"
#include "base/shell_word.h"
#include "report/units.h"

namespace pangu::app {
namespace {

adaptive::LaboratoryOptions laboratory_of(const ProfileFlags& flags,
                                          adaptive::LaboratoryOptions options,
                                          CommandFrame& frame) {
  options.model = flags.model;
  options.cancel = frame.interrupts().work();
  return options;
}

/// Says what is measured where someone waits for it, and ends where Ctrl-C came.
adaptive::PieceFn pieces(const CommandFrame& frame, ProgressBar& bar) {
  return [&frame, &bar, done = std::int64_t{0}](const std::string& what) mutable {
    frame.check()();
    bar.update(what, done, done + 1);
    ++done;
  };
}

/// What can be said of a profile without measuring; variants stay empty.
adaptive::ProfileDrift found_profile(const adaptive::ProfileStore& store, const ProfileFlags& flags,
                                     const adaptive::ProfileIdentity& identity) {
  const auto entry = adaptive::nearest_entry(store, identity, flags.model);
  if (!entry) {
    fail<ConfigError>("[profile] {} has no figures of {}. Measure: pangu profile {} --budget 2m",
                      store.file().string(), flags.model, shell_word(flags.model));
  }
  return {.entry = *entry,
          .differences = adaptive::identity_differences(entry->identity, identity)};
}

}  // namespace

void check_profile(const ProfileFlags& flags, const adaptive::LaboratoryOptions& laboratory,
                   const CommonOptions& common) {
  CommandFrame frame(common);
  adaptive::ProfileStore store(flags.file(), adaptive::Access::kRead);
  adaptive::ProfileDrift drift =
      found_profile(store, flags, identity_of(flags.model, common, &store));
  if (drift.differences.empty()) {
    Context ctx(context_options(common));
    ProgressBar bar = frame.bar("pieces");
    drift = adaptive::recheck(
        store.load(drift.entry.id),
        {.laboratory = laboratory_of(flags, laboratory, frame), .goals = adaptive::default_goals()},
        ctx, pieces(frame, bar));
    bar.clear();
  }
  if (!frame.prints_json()) print(adaptive::drift_text(drift, flags.model));
  frame.finish([&] { return adaptive::drift_json(drift, flags.model); },
               [](double) { return std::string(); });
  if (!drift.holds()) throw EndWithStatus{kDoesNotHold};
}

void refresh_profile(const ProfileFlags& flags, const adaptive::LaboratoryOptions& laboratory,
                     const std::vector<std::string>& only, std::optional<double> budget_s,
                     const CommonOptions& common) {
  CommandFrame frame(common);
  const std::int64_t profile = load_profile(flags, common).entry.id;
  adaptive::ProfileStore store(flags.file(), adaptive::Access::kWrite);
  Context ctx(context_options(common));
  ProgressBar bar = frame.bar("pieces");
  const adaptive::RefreshResult result = adaptive::refresh_speeds(
      store, profile,
      {.laboratory = laboratory_of(flags, laboratory, frame), .only = only, .budget_s = budget_s},
      ctx, pieces(frame, bar));
  bar.clear();
  if (!frame.prints_json()) print(adaptive::refresh_text(result));
  frame.finish([&] { return adaptive::refresh_json(result); },
               [&](double seconds) {
                 return fmt::format("{} measured again in {}; kept in {}\n", result.speeds.size(),
                                    seconds_text(seconds), store.file().string());
               });
}

}  // namespace pangu::app
