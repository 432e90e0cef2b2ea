// SPDX-License-Identifier: Apache-2.0
// Runs the pangu program as a process of its own, with pipes or on a terminal.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/json.h"
#include "tests/support/support.h"

namespace pangu::test {

struct ProgramResult {
  int status = -1;  ///< exit status, or 128 + the signal that ended the program
  std::string out;
  std::string err;

  /// Standard output as one JSON object; fails the test if it is not one line of that.
  Json json() const;
};

struct ProgramOptions {
  std::string input = {};                       ///< standard input
  std::map<std::string, std::string> env = {};  ///< beside the caller's environment
  std::string out_path = {};                    ///< standard output goes there instead
  std::map<int, std::uint64_t> limits = {};     ///< setrlimit: RLIMIT_STACK and so on
};

/// Runs to the end. A program that takes longer than a minute is killed.
ProgramResult run_program(const std::vector<std::string>& args, const ProgramOptions& options = {});

/// Arguments that a command must refuse: the exit status, and a part of the message.
struct Refusal {
  std::vector<std::string> args;
  int status;
  std::string message;
};
/// Runs `command` with each, and expects one line on standard error and nothing on standard output.
void expect_refusals(const std::string& command, const std::vector<Refusal>& refusals);

/// A program to talk to while it runs. Standard output and standard error come together.
class LiveProgram {
 public:
  enum class On { kPipe, kTerminal };
  LiveProgram(const std::vector<std::string>& args, On on);
  ~LiveProgram();
  LiveProgram(const LiveProgram&) = delete;
  LiveProgram& operator=(const LiveProgram&) = delete;

  void write(const std::string& text);
  void close_input();
  /// Sends a signal, Ctrl-C's by default.
  void interrupt(int signal = SIGINT);
  /// Reads until the output has `text` after what was read before; fails the test after a minute.
  void wait_for(const std::string& text);
  /// Reads to the end and returns the exit status.
  int wait();
  const std::string& output() const { return output_; }

 private:
  bool read_some();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string output_;
  std::size_t seen_ = 0;
};

/// Path of a shared model.
std::string shared_model(const std::string& name);

/// Texts of twelve words, blank lines between them: the same in every run.
std::string made_up_prose(int documents);

/// A copy of a shared model in a folder of its own, to be damaged or extended.
std::filesystem::path copy_model(const std::string& name, const ScratchDir& scratch);

}  // namespace pangu::test
