// SPDX-License-Identifier: Apache-2.0
// What lies in a Hugging Face folder beside config and weights, and must go where they go.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pangu {

/// Tokenizer, chat templates, licence.
bool is_tokenizer_file(const std::string& name);

/// Those, sampling advice and the authors' own code.
bool is_companion_file(const std::string& name);

/// The files of a folder whose names are wanted, and those of its additional_chat_templates,
/// relative to it. Throws FileError for a link that leads out of the folder (io/folder_links.h).
std::vector<std::filesystem::path> companion_files(const std::filesystem::path& folder,
                                                   bool (*wanted)(const std::string& name));

/// Copies them, before anybody may read more of them than of the originals. Each appears complete
/// or not at all; what is in `to` already is kept. Throws FileError.
void copy_files(const std::filesystem::path& from, const std::filesystem::path& to,
                bool (*wanted)(const std::string& name));

/// Copies one file as above.
void copy_file_whole(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace pangu
