// SPDX-License-Identifier: Apache-2.0
#include "eval/result_json.h"

namespace pangu::eval {

Json interval_json(const Interval& interval) {
  return Json::array({interval.low, interval.high});
}

Json metric_json(const Metric& metric) {
  return {{"value", metric.value}, {"ci95", interval_json(metric.ci95)}};
}

Json metrics_json(const std::vector<Metric>& metrics) {
  Json json = Json::object();
  for (const Metric& m : metrics) json[m.name] = metric_json(m);
  return json;
}

}  // namespace pangu::eval
