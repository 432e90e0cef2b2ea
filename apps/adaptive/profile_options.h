// SPDX-License-Identifier: Apache-2.0
// What commands that need a profile have in common: where it lies, whose it is.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "adaptive/profile/profile_store.h"
#include "apps/shared/common_options.h"

namespace pangu::app {

struct ProfileFlags {
  std::string model;
  std::string db;  ///< empty: the user's own file

  std::filesystem::path file() const;
};

/// --db.
void add_profile_flags(CLI::App& command, ProfileFlags& flags);

/// "0.1.0-DIGEST" of this program.
std::string engine();

/// The identity of a model's profile on this machine with these options.
adaptive::ProfileIdentity identity_of(const std::string& model, const CommonOptions& common,
                                      adaptive::ProfileStore* store);

/// The figures of a model. Where there are none of this machine and program, throws ConfigError
/// that says which there are instead, and how to measure.
adaptive::ProfileData load_profile(const ProfileFlags& flags, const CommonOptions& common);

}  // namespace pangu::app
