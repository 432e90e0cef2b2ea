// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/probe.h"

#include <algorithm>
#include <set>
#include <utility>

#include "adaptive/intent/probe/softmax_regression.h"
#include "base/error.h"
#include "runtime/model_fingerprint.h"

namespace pangu::adaptive {

std::vector<double> Head::probabilities(const Features& features) const {
  const std::vector<float> x = features.joined(blocks, layer);
  if (x.size() != mu.size()) {
    fail<ShapeError>("[probe] the head \"{}\" reads {} features and was given {}.", name, mu.size(),
                     x.size());
  }
  RowMatrix logits(1, static_cast<Eigen::Index>(classes.size()));
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const float* w = weight.data() + c * x.size();
    double sum = bias[c];
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += double{w[i]} * ((double{x[i]} - double{mu[i]}) / double{sigma[i]});
    }
    logits(0, static_cast<Eigen::Index>(c)) = sum;
  }
  const RowMatrix p = softmax_rows(logits, temperature);
  return {p.data(), p.data() + p.size()};
}

const Head& Probe::head(std::string_view name) const {
  std::string names;
  for (const Head& head : heads) {
    if (head.name == name) return head;
    names += (names.empty() ? "" : ", ") + head.name;
  }
  fail<ConfigError>("[probe] there is no head \"{}\" in it; it has {}. Name one of those.", name,
                    names.empty() ? "none" : names);
}

std::vector<std::int64_t> Probe::layers() const {
  std::set<std::int64_t> layers;
  for (const Head& head : heads) {
    for (const std::int64_t layer : layers_of(head)) layers.insert(layer);
  }
  return {layers.begin(), layers.end()};
}

std::vector<std::int64_t> layers_of(const Head& head) {
  if ((head.blocks & kStreamBlocks) == 0) return {};
  return {head.layer};
}

void put_head(Probe& probe, Head head) {
  const auto found = std::ranges::find(probe.heads, head.name, &Head::name);
  if (found == probe.heads.end()) {
    probe.heads.push_back(std::move(head));
  } else {
    *found = std::move(head);
  }
}

void require_model(const Probe& probe, const Model& model, const std::string& file) {
  const std::string found = model_fingerprint(model);
  if (found == probe.fingerprint && model.config().hidden_size == probe.hidden_size) return;
  fail<ConfigError>(
      "[probe] {} was trained on {} (fingerprint {}), but the model is {} ({}). Use that model "
      "(--model), or train a probe on this one (pangu intent train).",
      file, probe.model, probe.fingerprint, model.path.filename().string(), found);
}

}  // namespace pangu::adaptive
