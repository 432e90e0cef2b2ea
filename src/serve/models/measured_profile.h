// SPDX-License-Identifier: Apache-2.0
// What `pangu profile` measured of the models of a server, for those who look at it.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "adaptive/profile/profile_data.h"
#include "io/json.h"
#include "serve/models/model_source.h"

namespace pangu::serve {

/// Where figures are looked for, and whose they must be.
struct ProfilePlace {
  std::filesystem::path database;  ///< need not be there
  adaptive::MachineIdentity machine;
  std::string engine;  ///< the program: adaptive::engine_identity()
};

/// The figures of the first of these models that has some, in the form of adaptive::profile_json():
/// of a bundle those that it was chosen by, of another model those of the database. Null where
/// nothing was measured, or finding out would take reading weights. `remark` is told of figures
/// that cannot be read.
Json measured_profile(std::span<const ModelSource> models, const ProfilePlace& place,
                      const std::function<void(const std::string&)>& remark);

}  // namespace pangu::serve
