// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/companion_files.h"

#include <set>

#include "io/atomic_file.h"
#include "io/folder_links.h"
#include "io/mapped_file.h"

namespace pangu {

namespace fs = std::filesystem;

bool is_tokenizer_file(const std::string& name) {
  static const std::set<std::string, std::less<>> kNames{"tokenizer.json",
                                                         "tokenizer.model",
                                                         "tokenizer_config.json",
                                                         "added_tokens.json",
                                                         "special_tokens_map.json",
                                                         "vocab.json",
                                                         "vocab.txt",
                                                         "merges.txt",
                                                         "chat_template.json"};
  return kNames.contains(name) || name.ends_with(".jinja") || name.starts_with("LICENSE") ||
         name.starts_with("NOTICE");
}

bool is_companion_file(const std::string& name) {
  return is_tokenizer_file(name) || name == "generation_config.json" || name.ends_with(".py");
}

std::vector<fs::path> companion_files(const fs::path& folder,
                                      bool (*wanted)(const std::string& name)) {
  std::vector<fs::path> files;
  const auto look = [&](const fs::path& within) {
    for (const auto& entry : fs::directory_iterator(folder / within)) {
      const std::string name = entry.path().filename().string();
      if (!wanted(name)) continue;
      require_own_file(folder, entry.path());
      if (entry.is_regular_file()) files.push_back(within / name);
    }
  };
  look("");
  // Named chat templates, as transformers keeps them.
  const fs::path templates = "additional_chat_templates";
  std::error_code error;
  if (fs::is_directory(folder / templates, error)) {
    require_own_file(folder, folder / templates);
    look(templates);
  }
  return files;
}

void copy_file_whole(const fs::path& from, const fs::path& to) {
  if (fs::exists(to)) return;
  // What only its owner may read stays so.
  const auto mode = static_cast<unsigned>(fs::status(from).permissions()) & 0666u;
  AtomicFile out(to, mode);
  if (fs::file_size(from) > 0) out.write(MappedFile(from).bytes());
  out.commit();
}

void copy_files(const fs::path& from, const fs::path& to, bool (*wanted)(const std::string& name)) {
  for (const fs::path& file : companion_files(from, wanted)) {
    if (file.has_parent_path()) fs::create_directories(to / file.parent_path());
    copy_file_whole(from / file, to / file);
  }
}

}  // namespace pangu
