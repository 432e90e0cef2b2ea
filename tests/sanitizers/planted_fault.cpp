// SPDX-License-Identifier: Apache-2.0
// Commits the fault that its argument names. Built with sanitizers only, whose message ctest
// expects: a build in which nothing is noticed any more would pass every other test.
#include <cstdio>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/silu_mul/silu_mul.h"

namespace {

/// What the compiler cannot see through.
template <class T>
T opaque(T value) {
  volatile T hidden = value;
  return hidden;
}

/// A vectorized kernel of the best instruction set reads one value behind its input.
void read_behind_the_input_of_a_kernel() {
  constexpr int kWidth = 64;
  const std::vector<float> gate_up(2 * kWidth - 1);
  std::vector<float> y(kWidth);
  pangu::ThreadPool threads(1);
  pangu::kernels::silu_mul({.gate_up = gate_up.data(),
                            .stride = 2 * kWidth,
                            .y = y.data(),
                            .y_dtype = pangu::DType::kF32,
                            .tokens = 1,
                            .n = kWidth},
                           {threads, pangu::detected_isa()});
}

void overflow_the_heap() {
  std::vector<char> memory(16);
  memory.data()[opaque(16)] = 1;
}

void leak() {
  char* lost = new char[opaque(1000)];
  std::printf("%p\n", static_cast<void*>(lost));
  lost = nullptr;
  std::printf("%p\n", static_cast<void*>(opaque(lost)));
}

void overflow_an_int() {
  std::printf("%d\n", opaque(std::numeric_limits<int>::max()) + opaque(1));
}

void race() {
  int shared = 0;
  std::thread other([&] { ++shared; });
  ++shared;
  other.join();
  std::printf("%d\n", shared);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr struct {
    const char* name;
    void (*commit)();
  } kFaults[] = {{"kernel", read_behind_the_input_of_a_kernel},
                 {"overflow", overflow_the_heap},
                 {"leak", leak},
                 {"integer", overflow_an_int},
                 {"race", race}};
  for (const auto& fault : kFaults) {
    if (argc == 2 && std::strcmp(argv[1], fault.name) == 0) return fault.commit(), 0;
  }
  std::fprintf(stderr, "usage: planted_fault kernel|overflow|leak|integer|race\n");
  return 2;
}
