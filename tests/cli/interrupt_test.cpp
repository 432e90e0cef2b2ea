// SPDX-License-Identifier: Apache-2.0
// What a first and a second request to end do to work that does not stop soon.
#include "apps/shared/interrupt.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <string>

#include "tests/support/support.h"

namespace pangu::test {
namespace {

using app::Interrupts;
using testing::HasSubstr;

/// A child process whose standard error is read here.
class Child {
 public:
  explicit Child(const std::function<void()>& work) {
    int ends[2];
    if (::pipe(ends) != 0) ADD_FAILURE() << "no pipe";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::alarm(60);
      ::dup2(ends[1], STDERR_FILENO);
      work();
      ::_exit(0);
    }
    ::close(ends[1]);
    in_ = ends[0];
  }
  ~Child() {
    ::close(in_);
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void send(int signal) { ::kill(pid_, signal); }
  /// The next text that it says; empty when it has ended.
  std::string heard() {
    char text[512];
    const ssize_t n = ::read(in_, text, sizeof(text));
    return {text, static_cast<std::size_t>(n > 0 ? n : 0)};
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
};

void say(const char* text) {
  EXPECT_GT(::write(STDERR_FILENO, text, std::strlen(text)), 0);
}

TEST(Interrupts, WhatDoesNotStopSoonIsAnnouncedAndASecondRequestEndsIt) {
  PANGU_NEEDS_FORK();
  for (const int second : {SIGTERM, SIGINT}) {
    Child child([] {
      Interrupts interrupts;
      interrupts.work();
      say("at work");
      ::sleep(50);  // a pass that takes long
    });
    EXPECT_EQ(child.heard(), "at work");
    child.send(SIGTERM);
    EXPECT_THAT(child.heard(),
                HasSubstr("stopping after this pass or step; again to stop at once"));
    child.send(second);
    EXPECT_EQ(child.heard(), "");
    EXPECT_EQ(child.wait(), 128 + second);
  }
}

TEST(Interrupts, WhatStopsSoonSaysNothing) {
  PANGU_NEEDS_FORK();
  Child child([] {
    Interrupts interrupts;
    interrupts.work();
    say("at work");
    while (!interrupts.requested()) ::usleep(1000);
    interrupts.begin_prompt("again to leave");
    ::usleep(1'500'000);  // somebody thinks about what to ask next
  });
  EXPECT_EQ(child.heard(), "at work");
  child.send(SIGINT);
  EXPECT_EQ(child.heard(), "");
  EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace pangu::test
