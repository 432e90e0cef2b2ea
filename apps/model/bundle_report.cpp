// SPDX-License-Identifier: Apache-2.0
#include "apps/model/bundle_report.h"

#include <fmt/format.h>

#include "report/units.h"

namespace pangu::app {

std::string bundle_text(const adaptive::Bundle& bundle) {
  std::string out = fmt::format("bundle        of {}, made {} on {}\n", bundle.model_name,
                                bundle.created, bundle.machine);
  for (const auto& [name, weights] : bundle.weights) {
    out += fmt::format("  {}{}: {} of memory, loaded in {}\n", name,
                       name == bundle.default_weights ? " (default)" : "",
                       bytes_text(weights.resident_bytes), seconds_text(weights.load_s));
  }
  for (const adaptive::BundleKind& kind : bundle.kinds) {
    const adaptive::BundleWay& way = kind.choice();
    out += fmt::format("  {}: {}{}, thinking {}, speculation {}; {} per answer", kind.kind,
                       way.weights, way.kv.empty() ? "" : ", kv " + way.kv,
                       adaptive::thinking_name(way.thinking), name(way.speculation),
                       seconds_text(way.answer_s));
    if (kind.ways.size() > 1) {
      out += fmt::format("; {} other way{} would do", kind.ways.size() - 1,
                         kind.ways.size() == 2 ? "" : "s");
    }
    out += "\n";
  }
  if (!bundle.intent.empty()) out += "  recognises kinds of task: pangu run BUNDLE --auto\n";
  return out + fmt::format("  {} files are as they were written\n\n", bundle.files.size());
}

Json bundle_json(const adaptive::Bundle& bundle) {
  Json weights = Json::object(), kinds = Json::array();
  for (const auto& [name, w] : bundle.weights) {
    weights[name] = {{"resident_bytes", w.resident_bytes}, {"load_s", w.load_s}};
  }
  for (const adaptive::BundleKind& k : bundle.kinds) {
    Json kind = adaptive::bundle_way_json(k.choice());
    kind["kind"] = k.kind;
    kinds.push_back(std::move(kind));
  }
  return {{"model", bundle.model_name},        {"machine", bundle.machine},
          {"engine", bundle.engine},           {"created", bundle.created},
          {"default", bundle.default_weights}, {"weights", std::move(weights)},
          {"kinds", std::move(kinds)},         {"recognises", !bundle.intent.empty()}};
}

}  // namespace pangu::app
