// SPDX-License-Identifier: Apache-2.0
// Keeping a thread on some of the processors.
#pragma once

#include <pthread.h>

#include <vector>

namespace pangu {

/// Lets a thread run on these processors alone; the system still chooses among them. False, and
/// nothing changes, where the system does not allow it or has none of them.
bool bind_thread(pthread_t thread, const std::vector<int>& processors);

/// Binds whatever thread calls, for as long as this object lives. One object may bind any number of
/// threads; several may bind the same one, of which the last to do so counts.
class CallerBinding {
 public:
  /// To these processors; none: it will bind nothing.
  explicit CallerBinding(std::vector<int> processors = {});
  /// Frees the calling thread if it is bound by this. Another thread stays where it is.
  ~CallerBinding();
  CallerBinding(const CallerBinding&) = delete;
  CallerBinding& operator=(const CallerBinding&) = delete;

  /// Quick if the calling thread has been bound by this before.
  void bind_caller() const;

 private:
  std::vector<int> processors_;
  unsigned long id_;  ///< of this object: an address may be that of an earlier one
};

}  // namespace pangu
