// SPDX-License-Identifier: Apache-2.0
#include "serve/models/measured_profile.h"

#include <system_error>

#include "adaptive/choose/candidates.h"
#include "adaptive/profile/model_digest.h"
#include "adaptive/profile/profile_store.h"
#include "adaptive/report/profile_report.h"
#include "io/bundle_default.h"
#include "pangu/error.h"

namespace pangu::serve {
namespace {

Json figures_of(const std::filesystem::path& model, const ProfilePlace& place) {
  if (bundle_default(model)) return read_json(model / "profile.json");
  std::error_code error;
  if (!std::filesystem::exists(place.database, error)) return nullptr;
  // A model that is not there is told of by whoever loads it.
  if (!std::filesystem::exists(model, error)) return nullptr;
  adaptive::ProfileStore store(place.database, adaptive::Access::kRead);
  const auto digest = adaptive::known_model_digest(model, store);
  if (!digest) return nullptr;
  const auto profile =
      store.find({.model = *digest, .machine = place.machine, .engine = place.engine});
  if (!profile) return nullptr;
  return adaptive::profile_json(store.load(*profile), adaptive::kMaxDivergence);
}

}  // namespace

Json measured_profile(std::span<const ModelSource> models, const ProfilePlace& place,
                      const std::function<void(const std::string&)>& remark) {
  for (const ModelSource& model : models) {
    try {
      Json figures = figures_of(model.path, place);
      if (!figures.is_null()) return figures;
    } catch (const Error& error) {
      remark(error.what());
    }
  }
  return nullptr;
}

}  // namespace pangu::serve
