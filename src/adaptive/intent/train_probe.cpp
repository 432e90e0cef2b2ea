// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/train_probe.h"

#include <algorithm>
#include <utility>

#include "adaptive/intent/examples/examples.h"
#include "adaptive/intent/recognise.h"
#include "base/error.h"
#include "runtime/model_fingerprint.h"

namespace pangu::adaptive {

std::vector<LabelledRow> example_rows(int per_kind, std::uint64_t seed,
                                      std::span<const std::string> kinds) {
  std::vector<LabelledRow> rows;
  for (const RequestExample& e : make_request_examples(per_kind, seed)) {
    if (!kinds.empty() && std::ranges::find(kinds, e.kind) == kinds.end()) continue;
    rows.push_back({.kind = e.kind, .group = e.group, .request = request_of(e.messages)});
  }
  return rows;
}

std::vector<std::int64_t> usual_layers(std::int64_t n_layers) {
  std::vector<std::int64_t> layers;
  for (const std::int64_t sixths : {2, 3, 4}) {
    layers.push_back(std::max<std::int64_t>(1, (n_layers * sixths + 3) / 6));
  }
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  return layers;
}

LabelledFeatures read_labelled_features(FeatureReader& reader, std::span<const LabelledRow> rows,
                                        const ProgressFn& progress,
                                        std::vector<std::string> classes) {
  LabelledFeatures out{.classes = classes.empty() ? kinds_of(rows) : std::move(classes)};
  out.labels = labels_of(rows, out.classes);
  std::vector<Request> requests;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (out.labels[i] < 0) {
      fail<InputError>(
          "[intent] a row has the kind \"{}\", which the probe does not know. Leave such rows out, "
          "or "
          "train a probe with them.",
          rows[i].kind);
    }
    out.groups.push_back(rows[i].group);
    requests.push_back(rows[i].request);
  }
  const auto total = static_cast<std::int64_t>(rows.size());
  out.features = reader.read(requests, [&](std::size_t done) {
    if (progress) progress("features", static_cast<std::int64_t>(done), total);
  });
  return out;
}

TrainedProbe train_kind_probe(const Model& model, Context& ctx, std::span<const LabelledRow> rows,
                              TrainHeadOptions options, const ProgressFn& progress) {
  const bool has_stream = (options.blocks & kStreamBlocks) != 0;
  if (has_stream && options.layers.empty()) options.layers = usual_layers(model.config().n_layers);
  if (progress) {
    options.progress = [&](std::int64_t done, std::int64_t total) {
      progress("training", done, total);
    };
  }
  FeatureReader reader(model, ctx, has_stream ? options.layers : std::vector<std::int64_t>{});
  const LabelledFeatures examples = read_labelled_features(reader, rows, progress);
  TrainedHead head = train_head(std::string(kKindHead), examples, options,
                                model.config().hidden_size, ctx.threads());
  Probe probe{.model = model.path.filename().string(),
              .fingerprint = model_fingerprint(model),
              .hidden_size = model.config().hidden_size,
              .heads = {head.head}};
  return {std::move(probe), std::move(head)};
}

}  // namespace pangu::adaptive
