// SPDX-License-Identifier: Apache-2.0
// From labelled requests to a probe of kinds.
#pragma once

#include <cstdint>
#include <vector>

#include "adaptive/intent/labelled_rows.h"
#include "adaptive/intent/probe/train_head.h"
#include "base/progress.h"

namespace pangu::adaptive {

/// make_request_examples() as rows; of the kinds named alone, if any are.
std::vector<LabelledRow> example_rows(int per_kind, std::uint64_t seed,
                                      std::span<const std::string> kinds = {});

/// Depths that are tried where nobody says: a third, a half and two thirds of the layers.
std::vector<std::int64_t> usual_layers(std::int64_t n_layers);

/// The features of all rows with their kinds as classes: kinds_of(rows), or `classes`, in which
/// each kind must be. `progress` counts rows. Throws InputError for a kind that is not among the
/// classes.
LabelledFeatures read_labelled_features(FeatureReader& reader, std::span<const LabelledRow> rows,
                                        const ProgressFn& progress = {},
                                        std::vector<std::string> classes = {});

struct TrainedProbe {
  Probe probe;  ///< with one head, kKindHead
  TrainedHead head;
};

/// Reads the features of the rows and learns to tell their kinds apart. Throws as FeatureReader and
/// train_head do.
TrainedProbe train_kind_probe(const Model& model, Context& ctx, std::span<const LabelledRow> rows,
                              TrainHeadOptions options, const ProgressFn& progress = {});

}  // namespace pangu::adaptive
