// SPDX-License-Identifier: Apache-2.0
#include "corpus/generate.h"

#include <string_view>

#include "corpus/family.h"
#include "corpus/test_items.h"
#include "corpus/world.h"
#include "io/atomic_file.h"
#include "io/atomic_folder.h"

namespace pangu::corpus {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRecordsPerValidation = 50;
constexpr std::int64_t kProgressEvery = 512;

/// What random numbers are drawn for; 0 is the world, from 16 on are test items.
enum Stream : std::uint32_t { kTrainStream = 1, kValidationStream = 2 };

class CorpusFile {
 public:
  CorpusFile(const fs::path& folder, const std::string& name, CorpusReport& report)
      : file_(folder / name), count_(report.files[name]) {}

  void write(const std::string& line) {
    file_.write(line);
    count_.records += 1;
    count_.bytes += static_cast<std::int64_t>(line.size());
  }
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  FileCount& count_;
};

class Generator {
 public:
  explicit Generator(const CorpusOptions& options)
      : options_(options),
        world_(options.seed),
        families_(choose_families(make_families(world_), options.families)),
        languages_(chosen_languages(options.languages)) {
    require_level(options.level);
  }

  CorpusReport write(const fs::path& folder) {
    report_.facts = static_cast<std::int64_t>(world_.fact_count());
    const std::int64_t validation =
        (options_.train_records + kRecordsPerValidation - 1) / kRecordsPerValidation;
    total_ = options_.train_records + validation +
             options_.test_size * static_cast<std::int64_t>(families_.size() * languages_.size());
    write_records(folder, Split::kTrain, options_.train_records);
    write_records(folder, Split::kValidation, validation);
    fs::create_directory(folder / "test");
    for (const auto& family : families_) write_test(folder, *family);
    return report_;
  }

 private:
  const Family& draw_family(Draw& draw) const {
    int shares = 0;
    for (const auto& family : families_) shares += family->share();
    int place = draw.between(0, shares - 1);
    for (const auto& family : families_) {
      place -= family->share();
      if (place < 0) return *family;
    }
    return *families_.back();
  }

  void write_records(const fs::path& folder, Split split, std::int64_t count) {
    const bool is_train = split == Split::kTrain;
    CorpusFile file(folder, is_train ? "train.jsonl" : "validation.jsonl", report_);
    for (std::int64_t i = 0; i < count; ++i) {
      Draw draw(options_.seed, is_train ? kTrainStream : kValidationStream,
                static_cast<std::uint64_t>(i));
      const Family& family = draw_family(draw);
      const Language language = draw.pick(languages_);
      const Sample sample = sample_of(family, draw, language, split);
      file.write(record_line(family.name(), language, sample.example));
      if (is_train) ++report_.train[std::string(family.name())][std::string(code(language))];
      step(is_train ? "training records" : "validation records");
    }
    file.commit();
  }

  void write_test(const fs::path& folder, const Family& family) {
    CorpusFile file(folder, fmt::format("test/{}.jsonl", family.name()), report_);
    for (const Language language : languages_) {
      TestItems items(family, options_.seed, language, options_.level);
      for (std::int64_t i = 0; i < options_.test_size; ++i) {
        file.write(items.next().dump() + "\n");
        step("test items");
      }
    }
    file.commit();
  }

  void step(std::string_view what) {
    if (++done_ % kProgressEvery == 0 && options_.progress) {
      options_.progress(what, done_, total_);
    }
  }

  const CorpusOptions& options_;
  World world_;
  Families families_;
  std::vector<Language> languages_;
  CorpusReport report_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
};

OrderedJson manifest(const CorpusOptions& options, const CorpusReport& report) {
  OrderedJson files = OrderedJson::object();
  for (const auto& [name, count] : report.files) {
    files[name] = {{"records", count.records}, {"bytes", count.bytes}};
  }
  OrderedJson json{{"generator", "pangu corpus"}, {"generator_version", kGeneratorVersion},
                   {"seed", options.seed},        {"facts", report.facts},
                   {"train", report.train},       {"files", files}};
  // Level 1 is what there was before levels, byte for byte.
  if (options.level > 1) json["test_level"] = options.level;
  return json;
}

}  // namespace

std::vector<std::string> family_names() {
  const World world(0);
  std::vector<std::string> names;
  for (const auto& family : make_families(world)) names.emplace_back(family->name());
  return names;
}

CorpusReport generate_corpus(const fs::path& out, const CorpusOptions& options) {
  Generator generator(options);
  AtomicFolder folder(out);
  CorpusReport report = generator.write(folder.path());
  write_file_atomically(folder.path() / "manifest.json", manifest(options, report).dump(2) + "\n");
  write_file_atomically(folder.path() / "README.md", corpus_card(options, report));
  folder.commit();
  return report;
}

}  // namespace pangu::corpus
