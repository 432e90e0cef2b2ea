// SPDX-License-Identifier: Apache-2.0
// pangu train-tokenizer: a SentencePiece vocabulary of one's own, in a Hugging Face folder.
#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>
#include <vector>

#include "apps/shared/command_frame.h"
#include "apps/shared/commands.h"
#include "apps/shared/common_options.h"
#include "base/resources.h"
#include "report/units.h"
#include "text/training/tokenizer_train.h"

namespace pangu::app {
namespace {

using text::TokenCounts;
using text::TokenizerReport;

struct TrainTokenizerCommand {
  CommonOptions common;
  std::vector<std::string> data;
  std::string out;
  int vocab_size = 4096;
  std::string model_type = "bpe";
  double character_coverage = 0.9995;
  bool split_han = false;
  std::int64_t max_lines = 1'000'000;
  std::uint64_t seed = 1;
};

double ratio(std::int64_t a, std::int64_t b) {
  return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b);
}

Json counts_json(const TokenCounts& counts) {
  return {{"records", counts.records},
          {"characters", counts.characters},
          {"tokens", counts.tokens},
          {"tokens_per_record", ratio(counts.tokens, counts.records)},
          {"characters_per_token", ratio(counts.characters, counts.text_tokens)}};
}

Json report_json(const TokenizerReport& report) {
  Json json = counts_json(report.total);
  json["vocab_size"] = report.vocab_size;
  json["lines"] = report.lines;
  json["trained_lines"] = report.trained_lines;
  json["families"] = Json::object();
  for (const auto& [name, counts] : report.families) json["families"][name] = counts_json(counts);
  return json;
}

std::string counts_text(const TokenCounts& counts) {
  return fmt::format("{} tokens in {} records, {:.1f} each; {:.2f} characters per token\n",
                     grouped(counts.tokens), grouped(counts.records),
                     ratio(counts.tokens, counts.records),
                     ratio(counts.characters, counts.text_tokens));
}

std::string report_text(const TrainTokenizerCommand& o, const TokenizerReport& report,
                        double seconds) {
  std::string text = fmt::format("vocabulary     {} pieces, {}, from {} lines", report.vocab_size,
                                 o.model_type, grouped(report.trained_lines));
  if (report.trained_lines < report.lines) {
    text += fmt::format(" drawn from {}", grouped(report.lines));
  }
  text += "\n";
  for (const auto& [name, counts] : report.families) {
    text += fmt::format("{:<14} {}", name, counts_text(counts));
  }
  text += "data           " + counts_text(report.total);
  return text + fmt::format("done           in {}, peak memory {}\n", seconds_text(seconds),
                            bytes_text(peak_rss_bytes()));
}

void train_tokenizer_command(const TrainTokenizerCommand& o) {
  CommandFrame frame(o.common);
  ProgressBar bar = frame.bar("bytes");
  const TokenizerReport report = text::train_tokenizer(
      {o.data.begin(), o.data.end()}, o.out,
      {.model = {.kind = o.model_type == "bpe" ? text::SentencePieceTraining::Kind::kBpe
                                               : text::SentencePieceTraining::Kind::kUnigram,
                 .vocab_size = o.vocab_size,
                 .character_coverage = o.character_coverage,
                 .split_han = o.split_han},
       .max_lines = o.max_lines,
       .seed = o.seed,
       .progress = frame.progress(bar)});
  bar.clear();
  frame.finish(
      [&] {
        Json json = report_json(report);
        json["out"] = o.out;
        json["model_type"] = o.model_type;
        return json;
      },
      [&](double seconds) { return report_text(o, report, seconds); });
}

void add_model_options(CLI::App& command, TrainTokenizerCommand& o) {
  command.add_option("--vocab-size", o.vocab_size, "Pieces, special tokens and bytes included")
      ->type_name("N")
      ->check(whole_number(1, 1'000'000))
      ->capture_default_str()
      ->group("Vocabulary");
  command.add_option("--model-type", o.model_type, "bpe or unigram")
      ->type_name("NAME")
      ->transform(one_of({"bpe", "unigram"}))
      ->capture_default_str()
      ->group("Vocabulary");
  command
      .add_option(
          "--character-coverage", o.character_coverage,
          "Share of all characters that get a piece, 0.98 to 1; the rest is spelled in bytes")
      ->type_name("SHARE")
      ->check(number_in({.min = 0.98, .max = 1}))
      ->capture_default_str()
      ->group("Vocabulary");
  command
      .add_flag("--split-han", o.split_han,
                "Chinese characters stay alone, as digits do; for uniform or little text")
      ->group("Vocabulary");
  command
      .add_option("--max-lines", o.max_lines,
                  "Lines to train on; drawn at random where the data has more")
      ->type_name("N")
      ->check(whole_number(1, 100'000'000))
      ->capture_default_str()
      ->group("Vocabulary");
  command.add_option("--seed", o.seed, "Of that draw")
      ->type_name("S")
      ->check(whole_number(0))
      ->capture_default_str()
      ->group("Vocabulary");
}

}  // namespace

void add_train_tokenizer_command(CLI::App& app) {
  auto o = std::make_shared<TrainTokenizerCommand>();
  CLI::App* command = app.add_subcommand(
      "train-tokenizer",
      "Makes a SentencePiece tokenizer from texts, with openPangu's special tokens\n"
      "\n"
      "Examples:\n"
      "  pangu train-tokenizer --data corpus/train.jsonl --out TOKENIZER\n"
      "  pangu train-tokenizer --data a.txt b.txt --out TOKENIZER --vocab-size 32000");
  command
      ->add_option("--data", o->data,
                   "Text files, or *.jsonl with the key text or messages in every line")
      ->required()
      ->type_name("FILE ...")
      ->group("Files");
  command->add_option("--out", o->out, "Folder to write; must be new or empty")
      ->required()
      ->type_name("FOLDER")
      ->group("Files");
  add_model_options(*command, *o);
  add_common_options(*command, o->common);
  command->callback([o] { train_tokenizer_command(*o); });
}

}  // namespace pangu::app
