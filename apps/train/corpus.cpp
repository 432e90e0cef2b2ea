// SPDX-License-Identifier: Apache-2.0
// pangu corpus: a generated corpus for training small models, with held-out tests.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>
#include <vector>

#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "apps/shared/lists.h"
#include "base/resources.h"
#include "corpus/generate.h"
#include "corpus/level.h"
#include "report/units.h"

namespace pangu::app {
namespace {

struct CorpusCommand {
  CommonOptions common;
  std::string out;
  corpus::CorpusOptions options;
  std::string families, languages;  ///< with commas; empty: all
};

Json report_json(const corpus::CorpusReport& report) {
  Json files = Json::object();
  for (const auto& [name, count] : report.files) {
    files[name] = {{"records", count.records}, {"bytes", count.bytes}};
  }
  return {{"files", files}, {"train", report.train}, {"facts", report.facts}};
}

std::string report_text(const corpus::CorpusReport& report, double seconds) {
  std::string text;
  for (const auto& [name, count] : report.files) {
    text += fmt::format("{:<24} {:>9} records {:>10}\n", name, grouped(count.records),
                        bytes_text(count.bytes));
  }
  for (const auto& [family, languages] : report.train) {
    text += fmt::format("{:<24}", family);
    for (const auto& [language, records] : languages) {
      text += fmt::format(" {:>9} {}", grouped(records), language);
    }
    text += "\n";
  }
  return text + fmt::format("done in {}, peak memory {}\n", seconds_text(seconds),
                            bytes_text(peak_rss_bytes()));
}

void corpus_command(const CorpusCommand& o) {
  CommandFrame frame(o.common);
  ProgressBar bar = frame.bar("records");
  corpus::CorpusOptions options = o.options;
  if (!o.families.empty()) options.families = list_items(o.families);
  if (!o.languages.empty()) {
    for (const std::string& language : list_items(o.languages)) {
      options.languages.push_back(corpus::parse_language(language));
    }
  }
  options.progress = frame.progress(bar);
  const corpus::CorpusReport report = corpus::generate_corpus(o.out, options);
  bar.clear();
  frame.finish(
      [&] {
        Json json = report_json(report);
        json["out"] = o.out;
        json["seed"] = options.seed;
        json["level"] = options.level;
        return json;
      },
      [&](double seconds) { return report_text(report, seconds); });
}

}  // namespace

void add_corpus_command(CLI::App& app) {
  auto o = std::make_shared<CorpusCommand>();
  CLI::App* command = app.add_subcommand(
      "corpus",
      "Generates a corpus for training small models, with held-out tests\n"
      "\n"
      "Examples:\n"
      "  pangu corpus CORPUS\n"
      "  pangu corpus CORPUS --size 200000 --families word_problems,code --languages en\n"
      "  pangu corpus HARDER --size 1 --level 2");
  command->add_option("OUT", o->out, "Folder to write; must be new or empty")->required();
  command->add_option("--size", o->options.train_records, "Records to train on")
      ->type_name("N")
      ->check(whole_number(1, 100'000'000))
      ->capture_default_str()
      ->group("Corpus");
  command->add_option("--test-size", o->options.test_size, "Test items per family and language")
      ->type_name("N")
      ->check(whole_number(0, 100'000))
      ->capture_default_str()
      ->group("Corpus");
  command
      ->add_option("--level", o->options.level,
                   "How hard the tests are; training and validation stay as they are")
      ->type_name("N")
      ->check(whole_number(1, corpus::kLevels))
      ->capture_default_str()
      ->group("Corpus");
  command
      ->add_option("--families", o->families,
                   "word_problems, knowledge, code, extraction, chat, task_kind")
      ->type_name("NAME,...")
      // Families take a world to be made: they are looked at only where some are named.
      ->transform(CLI::Validator(
          [](std::string& list) { return set_of(one_of(corpus::family_names()))(list); }, ""))
      ->default_str("all")
      ->group("Corpus");
  command->add_option("--languages", o->languages, "en, zh")
      ->type_name("NAME,...")
      ->transform(set_of(one_of({"en", "zh"})))
      ->default_str("all")
      ->group("Corpus");
  command->add_option("--seed", o->options.seed, "Another world and other records")
      ->type_name("S")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group("Corpus");
  add_common_options(*command, o->common);
  command->callback([o] { corpus_command(*o); });
}

}  // namespace pangu::app
