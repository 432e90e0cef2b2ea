// SPDX-License-Identifier: Apache-2.0
// Part of every test program that computes. PANGU_TEST_DEVICE=guarded runs its tests on a device
// whose memory the host cannot touch. With sanitizers, tests that do not choose an instruction set
// take AVX2, whose kernels are optimized there; those of AVX-512 are not, and are run by tests that
// go over all sets.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/cpu.h"
#include "devices/testing/guarded_device.h"
#include "ops/context.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

/// Sets the device before the first test, and says after the last what it ran.
class TestDevice {
 public:
  TestDevice() {
    if (kSanitized && detected_isa().has(Isa::kAvx512)) set_default_isa(Isa::kAvx2);
    const char* const name = std::getenv("PANGU_TEST_DEVICE");
    if (!name) return;
    if (name != std::string_view("guarded")) {
      std::fprintf(stderr, "PANGU_TEST_DEVICE is '%s'; 'guarded' is known.\n", name);
      std::exit(2);
    }
    set_default_device(make_guarded_device());
    is_set_ = true;
  }
  ~TestDevice() {
    if (!is_set_) return;
    int ops = 0;
    long long calls = 0;
    for (const auto& [name, count] : guarded_calls()) {
      ops += count > 0;
      calls += count;
    }
    std::printf("guarded device: %lld calls of %d of %zu ops\n", calls, ops,
                guarded_calls().size());
  }
  TestDevice(const TestDevice&) = delete;
  TestDevice& operator=(const TestDevice&) = delete;

 private:
  bool is_set_ = false;
};

const TestDevice the_test_device;

}  // namespace
}  // namespace pangu::test
