// SPDX-License-Identifier: Apache-2.0
#include "corpus/generate.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "corpus/family.h"
#include "corpus/world.h"
#include "io/atomic_file.h"
#include "io/atomic_folder.h"

namespace pangu::corpus {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRecordsPerValidation = 50;
constexpr std::int64_t kProgressEvery = 512;
/// Draws for one more test item that was not there before; then there are none to find.
constexpr int kMaxDraws = 5000;

/// What random numbers are drawn for; 0 is the world.
enum Stream : std::uint32_t { kTrainStream = 1, kValidationStream = 2, kTestStream = 16 };

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
        families_(make_families(world_)),
        languages_(options.languages) {
    if (languages_.empty()) languages_.assign(std::begin(kLanguages), std::end(kLanguages));
    choose_families();
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
    for (std::size_t f = 0; f < families_.size(); ++f) write_test(folder, f);
    return report_;
  }

 private:
  void choose_families() {
    if (options_.families.empty()) return;
    std::string known;
    for (const auto& family : families_) {
      known += (known.empty() ? "" : ", ") + std::string(family->name());
    }
    for (const std::string& name : options_.families) {
      if (std::ranges::none_of(families_, [&](const auto& f) { return f->name() == name; })) {
        fail<InputError>("[corpus] there is no family '{}'. Use one or some of {}.", name, known);
      }
    }
    std::erase_if(families_, [&](const auto& family) {
      return std::ranges::find(options_.families, family->name()) == options_.families.end();
    });
  }

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

  void write_test(const fs::path& folder, std::size_t f) {
    const Family& family = *families_[f];
    CorpusFile file(folder, fmt::format("test/{}.jsonl", family.name()), report_);
    for (const Language language : languages_) {
      std::set<std::string> seen;
      const auto stream =
          static_cast<std::uint32_t>(kTestStream + family.share() * 2 + static_cast<int>(language));
      Draw draw(options_.seed, stream, 0);
      for (std::int64_t i = 0; i < options_.test_size; ++i) {
        file.write(new_item(family, language, draw, seen).dump() + "\n");
        step("test items");
      }
    }
    file.commit();
  }

  /// A test item whose instance was not seen yet.
  OrderedJson new_item(const Family& family, Language language, Draw& draw,
                       std::set<std::string>& seen) const {
    for (int attempt = 0; attempt < kMaxDraws; ++attempt) {
      Sample sample = sample_of(family, draw, language, Split::kTest);
      if (!sample.test.is_null() && seen.insert(std::move(sample.instance)).second) {
        return std::move(sample.test);
      }
    }
    fail<InputError>(
        "[corpus] the family {} has about {} test items in {}, fewer than were asked for. Ask for "
        "fewer (--test-size).",
        family.name(), seen.size(), code(language));
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
  return {{"generator", "pangu corpus"}, {"generator_version", kGeneratorVersion},
          {"seed", options.seed},        {"facts", report.facts},
          {"train", report.train},       {"files", files}};
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
