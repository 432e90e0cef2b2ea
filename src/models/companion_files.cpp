// SPDX-License-Identifier: Apache-2.0
#include "models/companion_files.h"

#include <set>

#include "io/atomic_file.h"
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

void copy_file_whole(const fs::path& from, const fs::path& to) {
  if (fs::exists(to)) return;
  AtomicFile out(to);
  if (fs::file_size(from) > 0) out.write(MappedFile(from).bytes());
  out.commit();
}

void copy_files(const fs::path& from, const fs::path& to, bool (*wanted)(const std::string& name)) {
  for (const auto& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && wanted(name)) copy_file_whole(entry.path(), to / name);
  }
  // Named chat templates, as transformers keeps them.
  const fs::path templates = "additional_chat_templates";
  if (fs::is_directory(from / templates)) {
    fs::create_directories(to / templates);
    copy_files(from / templates, to / templates, wanted);
  }
}

}  // namespace pangu
