// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/model_digest.h"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <vector>

#include "base/cpu.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/resources.h"
#include "io/file_digest.h"
#include "io/folder_names.h"
#include "io/gguf_file.h"
#include "io/gguf_parts.h"

namespace pangu::adaptive {
namespace {

/// Reading a smaller file takes no longer than asking the database.
constexpr std::int64_t kWorthKeeping = std::int64_t{1} << 20;

bool belongs_to_model(std::string_view name) {
  for (const std::string_view end : {".safetensors", ".json", ".model", ".jinja", ".txt"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& model) {
  std::error_code error;
  if (!std::filesystem::is_directory(model, error)) {
    const std::filesystem::path first = first_gguf_part(model);
    return gguf_parts(first, GgufFile(first).metadata());
  }
  std::vector<std::filesystem::path> out;
  for (const std::string& name : folder_names(model)) {
    if (belongs_to_model(name) && std::filesystem::is_regular_file(model / name, error)) {
      out.push_back(model / name);
    }
  }
  return out;
}

/// A file as a store remembers it.
struct StoredFile {
  std::filesystem::path name;
  std::int64_t size = 0, changed = 0;
};

/// Nothing for one that is small, or gone.
std::optional<StoredFile> stored_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file, error));
  const auto changed = std::filesystem::last_write_time(file, error);
  if (error || size < kWorthKeeping) return std::nullopt;
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(changed.time_since_epoch());
  return StoredFile{std::filesystem::canonical(file, error), size, ns.count()};
}

std::string digest_of(const std::filesystem::path& file, ProfileStore* store) {
  const auto stored = store ? stored_file(file) : std::nullopt;
  if (!stored) return file_digest(file);
  if (const auto known = store->known_digest(stored->name, stored->size, stored->changed)) {
    return *known;
  }
  std::string digest = file_digest(file);
  if (store->access() == Access::kWrite) {
    store->put_digest(stored->name, stored->size, stored->changed, digest);
  }
  return digest;
}

std::string joined_digest(const std::vector<std::filesystem::path>& files, ProfileStore* store) {
  ContentHash hash;
  for (const std::filesystem::path& file : files) {
    hash.add(file.filename().string());
    hash.add(digest_of(file, store));
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace

std::string model_digest(const std::filesystem::path& model, ProfileStore* store) {
  return joined_digest(files_of(model), store);
}

std::optional<std::string> known_model_digest(const std::filesystem::path& model,
                                              ProfileStore& store) {
  const std::vector<std::filesystem::path> files = files_of(model);
  for (const std::filesystem::path& file : files) {
    const auto stored = stored_file(file);
    if (stored && !store.known_digest(stored->name, stored->size, stored->changed)) {
      return std::nullopt;
    }
  }
  return joined_digest(files, &store);
}

MachineIdentity machine_identity(const Context& ctx, int threads) {
  return {.processor = cpu_name(),
          .isa = std::string(name(ctx.isa())),
          .threads = threads,
          .dtype = std::string(name(ctx.dtype())),
          .memory = total_memory_bytes()};
}

std::string engine_identity(std::string_view version) {
  return fmt::format("{}-{}", version, file_digest("/proc/self/exe"));
}

}  // namespace pangu::adaptive
