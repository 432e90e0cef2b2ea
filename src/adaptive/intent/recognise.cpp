// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/recognise.h"

#include <algorithm>

#include "adaptive/task_kind.h"
#include "base/error.h"

namespace pangu::adaptive {

bool Recognition::is_unknown() const {
  return kind == kUnknownKind;
}

Recognition recognise(const Head& head, const Features& features) {
  const std::vector<double> p = head.probabilities(features);
  Recognition out;
  for (std::size_t c = 0; c < p.size(); ++c) out.probabilities.emplace_back(head.classes[c], p[c]);
  const auto best = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  out.likeliest = head.classes[best];
  out.confidence = p[best];
  out.kind = out.confidence >= head.threshold ? out.likeliest : std::string(kUnknownKind);
  return out;
}

Recogniser::Recogniser(const Model& model, Context& ctx, Probe probe, const std::string& file)
    : probe_(std::move(probe)), reader_(model, ctx, layers_of(head())) {
  require_model(probe_, model, file);
}

Recognition Recogniser::recognise(const Request& request) {
  return adaptive::recognise(head(), reader_.read(request));
}

std::filesystem::path probe_place(const Model& model) {
  const std::filesystem::path folder =
      std::filesystem::is_directory(model.path) ? model.path : model.path.parent_path();
  return folder / kProbeFile;
}

std::filesystem::path probe_beside(const Model& model) {
  std::filesystem::path file = probe_place(model);
  if (std::filesystem::exists(file)) return file;
  fail<FileError>(
      "[intent] {} has no probe: {} does not exist. Train one (pangu intent train), name one "
      "(--probe), or use pangu-nano, which has one.",
      model.path.filename().string(), file.string());
}

}  // namespace pangu::adaptive
