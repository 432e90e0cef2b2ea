// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <random>

#include "base/cpu.h"

namespace pangu::test {
namespace {

/// How long a program may take, or be silent.
int patience_ms() {
  return emulated() ? 600'000 : 60'000;
}

[[noreturn]] void become_program(const std::vector<std::string>& args) {
  std::vector<char*> argv;
  ::alarm(patience_ms() / 1000);
  // What ctest and others left open would count against limits of open files.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  std::string program = PANGU_PROGRAM;
  argv.push_back(program.data());
  std::vector<std::string> copies = args;
  for (std::string& arg : copies) argv.push_back(arg.data());
  argv.push_back(nullptr);
  ::execv(PANGU_PROGRAM, argv.data());
  ::_exit(127);
}

int exit_status(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/// As tests/support/test_device.cpp does for tests in the process.
[[maybe_unused]] const bool is_isa_set = [] {
  return kSanitized && detected_isa().has(Isa::kAvx512) && ::setenv("PANGU_ISA", "avx2", 0) == 0;
}();

void redirect(int target, const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  ::dup2(fd, target);
  ::close(fd);
}

}  // namespace

Json ProgramResult::json() const {
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << "more than one line: " << out;
  Json json = Json::parse(out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << "no JSON object: " << out << err;
  return json.is_object() ? json : Json::object();
}

ProgramResult run_program(const std::vector<std::string>& args, const ProgramOptions& options) {
  const ScratchDir scratch;
  write_file(scratch / "in", options.input);
  const std::string out = options.out_path.empty() ? (scratch / "out").string() : options.out_path;
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (const auto& [key, value] : options.env) ::setenv(key.c_str(), value.c_str(), 1);
    redirect(STDIN_FILENO, (scratch / "in").string(), O_RDONLY);
    redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT);
    redirect(STDERR_FILENO, (scratch / "err").string(), O_WRONLY | O_CREAT);
    for (const auto& [resource, most] : options.limits) {
      const rlimit limit{.rlim_cur = most, .rlim_max = most};
      ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
    }
    become_program(args);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {.status = exit_status(status),
          .out = options.out_path.empty() ? read_file(out) : "",
          .err = read_file(scratch / "err")};
}

LiveProgram::LiveProgram(const std::vector<std::string>& args, On on) {
  if (on == On::kTerminal) {
    pid_ = ::forkpty(&out_, nullptr, nullptr, nullptr);
    if (pid_ == 0) become_program(args);
    in_ = out_;
    return;
  }
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) ADD_FAILURE() << "no pipes";
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(out[1], STDERR_FILENO);
    become_program(args);
  }
  ::close(in[0]);
  ::close(out[1]);
  in_ = in[1];
  out_ = out[0];
}

LiveProgram::~LiveProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (in_ >= 0 && in_ != out_) ::close(in_);
  if (out_ >= 0) ::close(out_);
}

void LiveProgram::write(const std::string& text) {
  EXPECT_EQ(::write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

void LiveProgram::close_input() {
  ::close(in_);
  in_ = -1;
}

void LiveProgram::interrupt(int signal) {
  ::kill(pid_, signal);
}

bool LiveProgram::read_some() {
  pollfd ready{.fd = out_, .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, patience_ms()) != 1) {
    ADD_FAILURE() << "no output for too long after: " << output_;
    return false;
  }
  char piece[4096];
  const ssize_t n = ::read(out_, piece, sizeof(piece));
  if (n <= 0) return false;  // a terminal whose program is gone gives an error
  output_.append(piece, static_cast<std::size_t>(n));
  return true;
}

void LiveProgram::wait_for(const std::string& text) {
  std::size_t at = output_.find(text, seen_);
  while (at == std::string::npos) {
    if (!read_some()) {
      ADD_FAILURE() << "the output ended without '" << text << "': " << output_;
      return;
    }
    at = output_.find(text, seen_);
  }
  seen_ = at + text.size();
}

int LiveProgram::wait() {
  while (read_some()) {
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return exit_status(status);
}

void expect_refusals(const std::string& command, const std::vector<Refusal>& refusals) {
  for (const auto& [args, status, message] : refusals) {
    std::vector<std::string> all{command};
    all.insert(all.end(), args.begin(), args.end());
    const auto r = run_program(all);
    EXPECT_EQ(r.status, status) << testing::PrintToString(args) << r.err;
    EXPECT_EQ(r.out, "") << testing::PrintToString(args);
    EXPECT_THAT(r.err, testing::HasSubstr(message)) << testing::PrintToString(args);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

std::string shared_model(const std::string& name) {
  return (shared_dir() / "models" / name).string();
}

std::string made_up_prose(int documents) {
  constexpr const char* kWords[] = {"the", "cat", "saw", "a", "big", "red", "ball", "and", "ran"};
  std::mt19937 engine(7);
  std::string text;
  for (int d = 0; d < documents; ++d) {
    for (int w = 0; w < 12; ++w) {
      text += std::string(w ? " " : "") + kWords[engine() % std::size(kWords)];
    }
    text += "\n\n";
  }
  return text;
}

std::filesystem::path copy_model(const std::string& name, const ScratchDir& scratch) {
  const auto source = std::filesystem::absolute(shared_dir() / "models" / name);
  const auto target = scratch / name;
  std::filesystem::create_directories(target);
  for (const auto& entry : std::filesystem::directory_iterator(source)) {
    std::filesystem::copy_file(entry.path(), target / entry.path().filename());
  }
  return target;
}

}  // namespace pangu::test
