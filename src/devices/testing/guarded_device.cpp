// SPDX-License-Identifier: Apache-2.0
#include "devices/testing/guarded_device.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <type_traits>

#include "base/error.h"
#include "devices/cpu/cpu_device.h"
#include "kernels/roofline/roofline.h"

namespace pangu::test {
namespace {

/// Memory with two addresses: one without access, which the device gives out, and one for its own
/// functions and copies.
class Arena {
 public:
  static constexpr std::size_t kBytes = std::size_t{16} << 30;
  static constexpr std::size_t kStep = 4096;

  Arena() : file_(memfd_create("guarded", MFD_CLOEXEC)) {
    if (file_ < 0 || ftruncate(file_, kBytes) != 0) {
      fail<OutOfMemory>("[guarded] 16 GiB of addresses cannot be had: {}.", std::strerror(errno));
    }
    outside_ = map(PROT_NONE);
    inside_ = map(PROT_READ | PROT_WRITE);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Zeroed, as pages of the system are.
  void* take(std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    const std::lock_guard lock(mutex_);
    if (const auto found = free_.find(size); found != free_.end()) {
      const std::size_t at = found->second;
      free_.erase(found);
      return outside_ + at;
    }
    if (used_ + size > kBytes) fail<OutOfMemory>("[guarded] {} bytes do not fit.", bytes);
    used_ += size;
    return outside_ + used_ - size;
  }
  void give_back(const void* address, std::size_t bytes) {
    const std::size_t size = rounded(bytes);
    const auto at = static_cast<std::size_t>(static_cast<const std::byte*>(address) - outside_);
    constexpr std::size_t kWorthACall = std::size_t{1} << 16;
    if (size < kWorthACall || fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                        static_cast<off_t>(at), static_cast<off_t>(size)) != 0) {
      std::memset(inside_ + at, 0, size);
    }
    const std::lock_guard lock(mutex_);
    free_.emplace(size, at);
  }

  bool has(std::uintptr_t address) const {
    return address - reinterpret_cast<std::uintptr_t>(outside_) < kBytes;
  }
  std::byte* inside(const void* address) const {
    return inside_ + (static_cast<const std::byte*>(address) - outside_);
  }

 private:
  static std::size_t rounded(std::size_t bytes) {
    return (std::max<std::size_t>(bytes, 1) + kStep - 1) / kStep * kStep;
  }
  std::byte* map(int access) const {
    void* const at = mmap(nullptr, kBytes, access, MAP_SHARED | MAP_NORESERVE, file_, 0);
    if (at == MAP_FAILED) fail<OutOfMemory>("[guarded] 16 GiB of addresses cannot be had.");
    return static_cast<std::byte*>(at);
  }

  int file_;
  std::byte *outside_, *inside_;
  std::mutex mutex_;
  std::size_t used_ = 0;
  std::multimap<std::size_t, std::size_t> free_;  ///< by size, where
};

/// One for the process: functions of the table know nothing else.
Arena& arena() {
  static Arena& the_arena = *new Arena;  // outlives every buffer of a static object
  return the_arena;
}

/// Arguments with the addresses that functions may follow. Any word that is an address of the arena
/// is taken for one: sizes and numbers are far from there.
template <class Args>
Args from_inside(Args args) {
  static_assert(std::is_trivially_copyable_v<Args> && sizeof(Args) % sizeof(std::uintptr_t) == 0);
  auto* const bytes = reinterpret_cast<std::byte*>(&args);
  for (std::size_t i = 0; i < sizeof(Args); i += sizeof(std::uintptr_t)) {
    std::uintptr_t word;
    std::memcpy(&word, bytes + i, sizeof(word));
    if (!arena().has(word)) continue;
    const std::byte* const inside = arena().inside(reinterpret_cast<const void*>(word));
    std::memcpy(bytes + i, &inside, sizeof(inside));
  }
  return args;
}

struct Calls {
#define PANGU_DEVICE_OP(name, Args) std::atomic<std::int64_t> name = 0;
  PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
};
Calls& calls() {
  static Calls the_calls;
  return the_calls;
}

class GuardedDevice final : public Device {
 public:
  explicit GuardedDevice(const OpTable& ops) : ops_(ops) {}

  std::string_view name() const override { return "guarded"; }
  std::string description() const override { return "memory that the host cannot touch"; }
  bool is_host() const override { return false; }

  void* allocate(std::size_t bytes) override { return arena().take(bytes); }
  void deallocate(void* data, std::size_t bytes) noexcept override {
    arena().give_back(data, bytes);
  }
  void copy_from_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(arena().inside(to), from, bytes);
  }
  void copy_to_host(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, arena().inside(from), bytes);
  }
  void copy_within(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(arena().inside(to), arena().inside(from), bytes);
  }
  void fill_zero(void* to, std::size_t bytes) override {
    std::memset(arena().inside(to), 0, bytes);
  }

  const OpTable& ops() const override { return ops_; }
  PanelLayout panel_layout(WeightFormat format) const override { return format_info(format).cpu; }
  std::size_t page_bytes(const kernels::KvPages& pages) const override {
    return pages.page_bytes();
  }
  Arithmetic arithmetic_of(WeightFormat format, DType activations, Isa) const override {
    return cpu_device()->arithmetic_of(format, activations, Isa::kRef);
  }
  Arithmetic native(Arithmetic wanted, Isa) const override {
    return cpu_device()->native(wanted, Isa::kRef);
  }
  double read_bandwidth(const Buffer& data, const Executor& on) const override {
    const std::byte* const first = arena().inside(data.address());
    return kernels::read_bandwidth({first, data.bytes()}, {on.threads, Isa::kRef});
  }
  double peak_operations(Arithmetic arithmetic, double seconds, const Executor& on) const override {
    return cpu_device()->peak_operations(arithmetic, seconds, {on.threads, Isa::kRef});
  }

 private:
  OpTable ops_;
};

}  // namespace

const OpTable& guarded_ops() {
  static const OpTable table{
#define PANGU_DEVICE_OP(name, Args)                            \
  .name = [](const kernels::Args& args, const Executor& on) {  \
    ++calls().name;                                            \
    kernels::name(from_inside(args), {on.threads, Isa::kRef}); \
  },
      PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
  };
  return table;
}

std::shared_ptr<Device> make_guarded_device(const OpTable& ops) {
  return std::make_shared<GuardedDevice>(ops);
}

std::vector<std::pair<std::string_view, std::int64_t>> guarded_calls() {
  return {
#define PANGU_DEVICE_OP(name, Args) {#name, calls().name.load()},
      PANGU_DEVICE_OPS(PANGU_DEVICE_OP)
#undef PANGU_DEVICE_OP
  };
}

}  // namespace pangu::test
