// SPDX-License-Identifier: Apache-2.0
// Counters of a server in the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "serve/api/reply_run.h"
#include "serve/model_set.h"

namespace pangu::serve {

/// From any thread.
class Metrics {
 public:
  /// What the program is, and computes with.
  Metrics(const std::string& version, Isa isa);
  ~Metrics();

  /// A request that was answered.
  void count_request(const std::string& path, int status, double seconds);
  /// Replies that ended.
  void count_replies(const std::string& model, const std::vector<Choice>& choices);

  /// All of it, with what `models` are doing at the moment.
  std::string text(const ModelSet& models) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu::serve
