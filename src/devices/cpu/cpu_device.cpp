// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/cache_line.h"
#include "base/cpu.h"
#include "base/error.h"
#include "base/resources.h"
#include "kernels/roofline/roofline.h"

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

constexpr OpTable kCpuOps{
#define PANGU_DEVICE_OP(name, Args) .name = &kernels::name,
    PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
};

class CpuDevice : public Device {
 public:
  std::string_view name() const override { return "cpu"; }
  bool is_host() const override { return true; }

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
    const std::size_t size = round_up(bytes ? bytes : 1, kCacheLine);
    void* data = std::aligned_alloc(kCacheLine, size);
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

  /// The huge page around the place becomes small ones. Small blocks were written by allocate().
  void split_pages(void* data, std::size_t bytes, std::size_t at) override {
    const std::size_t page = at / kHugePage * kHugePage;
    if (bytes < kMapFrom || at == page || at >= bytes) return;
    madvise(static_cast<std::byte*>(data) + page, std::min(kHugePage, mapped_bytes(bytes) - page),
            MADV_NOHUGEPAGE);
  }

  void copy_from_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_to_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void copy_within(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void fill_zero(void* to, std::size_t bytes) override { std::memset(to, 0, bytes); }

  const OpTable& ops() const override { return kCpuOps; }
  PanelLayout panel_layout(WeightFormat format) const override { return format_info(format).cpu; }
  std::size_t page_bytes(const kernels::KvPages& pages) const override {
    return pages.page_bytes();
  }

  Arithmetic arithmetic_of(WeightFormat format, DType activations, Isa isa) const override {
    const auto form = kernels::linear_kernel(format, activations, isa).form;
    if (form >= kernels::InputForm::kInt8) return Arithmetic::kInt8;
    return native(activations == DType::kBF16 ? Arithmetic::kBF16 : Arithmetic::kF32, isa);
  }
  Arithmetic native(Arithmetic wanted, Isa isa) const override {
    return kernels::native_arithmetic(wanted, isa);
  }
  double read_bandwidth(const Buffer& data, const Executor& on) const override {
    return kernels::read_bandwidth({data.address(), data.bytes()}, on);
  }
  double peak_operations(Arithmetic arithmetic, double seconds, const Executor& on) const override {
    return kernels::peak_operations(arithmetic, seconds, on);
  }
};

}  // namespace

std::shared_ptr<Device> cpu_device() {
  static const auto device = std::make_shared<CpuDevice>();
  return device;
}

}  // namespace pangu
