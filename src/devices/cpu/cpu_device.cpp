// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/cpu.h"
#include "base/error.h"
#include "base/resources.h"

namespace pangu {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
// Blocks from here on get pages of their own: untouched parts then cost no memory.
constexpr std::size_t kMapFrom = std::size_t{1} << 20;

std::size_t round_up(std::size_t n, std::size_t step) {
  return (n + step - 1) / step * step;
}

[[noreturn]] void out_of_memory(std::size_t bytes) {
  fail<OutOfMemory>(
      "[cpu] {:.2f} GiB could not be allocated; this machine has {:.2f} GiB in all. Use a smaller "
      "context (--ctx), or weights in a smaller format.",
      static_cast<double>(bytes) / 0x1p30, static_cast<double>(total_memory_bytes()) / 0x1p30);
}

/// The last huge page is left out unless it is full: a model has hundreds of matrices, and half a
/// huge page lost with each adds up.
std::size_t mapped_bytes(std::size_t bytes) {
  return round_up(bytes, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
}

/// Zeroed pages, aligned to huge pages: weights are streamed once per token, and with 4 KiB pages
/// the page walks show.
void* map_pages(std::size_t bytes) {
  const std::size_t size = mapped_bytes(bytes);
  void* raw = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) out_of_memory(bytes);
  auto* begin = static_cast<std::byte*>(raw);
  auto* aligned =
      reinterpret_cast<std::byte*>(round_up(reinterpret_cast<std::size_t>(begin), kHugePage));
  if (aligned != begin) munmap(begin, static_cast<std::size_t>(aligned - begin));
  const auto tail = static_cast<std::size_t>(begin + size + kHugePage - (aligned + size));
  if (tail > 0) munmap(aligned + size, tail);
  madvise(aligned, size, MADV_HUGEPAGE);
  return aligned;
}

class CpuDevice : public Device {
 public:
  DeviceKind kind() const override { return DeviceKind::kCpu; }

  std::string description() const override {
    return fmt::format("{}, {} threads by default, {:.1f} GiB of memory", cpu_name(),
                       default_threads(), static_cast<double>(total_memory_bytes()) / 0x1p30);
  }

  void* allocate(std::size_t bytes) override {
    if (bytes >= kMapFrom) {
      // Overcommit would grant anything and then kill the process; refuse what cannot fit.
      if (bytes > static_cast<std::size_t>(total_memory_bytes())) out_of_memory(bytes);
      return map_pages(bytes);
    }
    const std::size_t size = round_up(bytes ? bytes : 1, 64);
    void* data = std::aligned_alloc(64, size);
    if (!data) out_of_memory(bytes);
    std::memset(data, 0, size);
    return data;
  }

  void deallocate(void* data, std::size_t bytes) noexcept override {
    if (bytes >= kMapFrom) {
      munmap(data, mapped_bytes(bytes));
    } else {
      std::free(data);
    }
  }

  void copy_from_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_to_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
};

}  // namespace

std::shared_ptr<Device> cpu_device() {
  static const auto device = std::make_shared<CpuDevice>();
  return device;
}

}  // namespace pangu
