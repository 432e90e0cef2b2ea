// SPDX-License-Identifier: Apache-2.0
#include "base/thread_binding.h"

#include <sched.h>

#include <atomic>
#include <utility>

namespace pangu {
namespace {

/// Of this thread: who has bound it, and where it was free to run before.
struct Bound {
  unsigned long id = 0;
  cpu_set_t before{};
};
thread_local Bound bound;

}  // namespace

bool bind_thread(pthread_t thread, const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) {
    if (processor < CPU_SETSIZE) CPU_SET(processor, &set);
  }
  return pthread_setaffinity_np(thread, sizeof(set), &set) == 0;
}

CallerBinding::CallerBinding(std::vector<int> processors) : processors_(std::move(processors)) {
  static std::atomic<unsigned long> last_id{0};
  id_ = ++last_id;
}

CallerBinding::~CallerBinding() {
  if (bound.id != id_) return;
  pthread_setaffinity_np(pthread_self(), sizeof(bound.before), &bound.before);
  bound.id = 0;
}

void CallerBinding::bind_caller() const {
  if (processors_.empty() || bound.id == id_) return;
  if (bound.id == 0) {
    CPU_ZERO(&bound.before);
    if (pthread_getaffinity_np(pthread_self(), sizeof(bound.before), &bound.before) != 0) return;
  }
  // Where it fails, there is nothing to undo, and trying again would fail again.
  bind_thread(pthread_self(), processors_);
  bound.id = id_;
}

}  // namespace pangu
