// SPDX-License-Identifier: Apache-2.0
// What a profile belongs to: the content of a model, the machine, the program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "adaptive/profile/profile_data.h"
#include "adaptive/profile/profile_store.h"
#include "ops/context.h"

namespace pangu::adaptive {

/// Tells the content of a model (weights, config, tokenizer, template) from any other, whatever its
/// path: of a Hugging Face folder the files that loading reads, of a GGUF model all parts. Digests
/// of large files that have not changed since are taken from `store`, and put there if it may be
/// written. Throws FileError.
std::string model_digest(const std::filesystem::path& model, ProfileStore* store);

/// The same where `store` knows the digests of all large files, so that no weights are read;
/// nothing otherwise.
std::optional<std::string> known_model_digest(const std::filesystem::path& model,
                                              ProfileStore& store);

/// The machine as a context uses it.
MachineIdentity machine_identity(const Context& ctx, int threads);

/// "0.1.0-3f2a...": the version with the digest of the running program, so that figures of another
/// build are not taken for this one's.
std::string engine_identity(std::string_view version);

}  // namespace pangu::adaptive
