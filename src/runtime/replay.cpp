// SPDX-License-Identifier: Apache-2.0
#include "runtime/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/counter_rng.h"
#include "base/error.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "runtime/generator.h"
#include "text/data_records.h"

namespace pangu {
namespace {

std::vector<TokenId> read_ids(const JsonObject& json, std::string_view key, std::size_t least,
                              std::int64_t vocabulary) {
  const auto ids = json.get_ints(key, 0, vocabulary - 1);
  if (ids.size() < least) {
    json.reject(key, fmt::format("a list of at least {} token ids", least));
  }
  return {ids.begin(), ids.end()};
}

double tokens_per_s(const Recording& recording, const Generation& g) {
  return static_cast<double>(recording.reply.size() - 1) / g.decode_s;
}

}  // namespace

std::vector<Recording> read_recordings(const std::filesystem::path& path, std::int64_t vocabulary) {
  const MappedFile file(path);
  DataRecords lines(file, std::nullopt);
  std::vector<Recording> out;
  while (const auto line = lines.next()) {
    const std::string where = lines.where(*line);
    const Json json = parse_json(line->text, where);
    const JsonObject object(where, json);
    out.push_back({.name = object.get_string_or("name", fmt::format("line {}", line->line)),
                   .prompt = read_ids(object, "prompt", 1, vocabulary),
                   .reply = read_ids(object, "reply", 2, vocabulary)});
  }
  if (out.empty()) {
    fail<FileError>(
        "[replay] {} is empty. Lines of JSON with prompt and reply, lists of token ids, were "
        "expected.",
        path.string());
  }
  return out;
}

std::vector<Recording> synthetic_recordings(std::int64_t vocabulary, std::int64_t prompt_tokens,
                                            std::int64_t reply_tokens) {
  std::uint64_t position = 0;
  const auto random_below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(uniform(0, position++, RandomStream::kToken) *
                                     static_cast<double>(n));
  };
  const auto random_token = [&] { return static_cast<TokenId>(random_below(vocabulary)); };
  std::vector<TokenId> prompt(static_cast<std::size_t>(prompt_tokens));
  std::ranges::generate(prompt, random_token);

  // Stretches of the prompt, 12 to 40 tokens long, with a few tokens of its own between them.
  std::int64_t left = 0, from = 0;
  const auto quoted_token = [&] {
    if (left == 0) {
      left = std::min<std::int64_t>(12 + random_below(29), prompt_tokens);
      from = random_below(prompt_tokens - left + 1);
    }
    if (--left < 3) return random_token();
    return prompt[static_cast<std::size_t>(from++)];
  };
  const std::vector<TokenId> frame(prompt.begin(),
                                   prompt.begin() + std::min<std::int64_t>(prompt_tokens, 20));
  std::int64_t at = 0;
  const auto framed_token = [&] {  // every seventh token of the frame is another each time
    const auto i = at++ % std::ssize(frame);
    return i % 7 == 6 ? random_token() : frame[static_cast<std::size_t>(i)];
  };
  const auto record = [&](const char* name, const auto& token) {
    Recording r{.name = name, .prompt = prompt, .reply = {}};
    for (std::int64_t i = 0; i < reply_tokens; ++i) r.reply.push_back(token(i));
    return r;
  };
  return {record("quoting", [&](std::int64_t) { return quoted_token(); }),
          record("code", [&](std::int64_t) { return framed_token(); }),
          record("random", [&](std::int64_t) { return random_token(); }),
          record("alternating",
                 [&](std::int64_t i) { return i / 50 % 2 ? random_token() : quoted_token(); }),
          record("collapsing", [&](std::int64_t i) {
            return i < reply_tokens / 2 ? quoted_token() : random_token();
          })};
}

std::vector<ReplayResult> run_replay(const Model& model, const Model* draft, Context& ctx,
                                     const std::vector<Recording>& recordings,
                                     const ReplayOptions& options) {
  const auto run = [&](const Recording& r, const SpeculationOptions& speculation) {
    const auto positions = std::ssize(r.prompt) + std::ssize(r.reply) + 1;
    Generator generator(model, ctx, positions, options.kv, speculation, draft);
    GenerateOptions generate{.max_tokens = std::ssize(r.reply), .ignore_eos = true};
    generate.replay = r.reply;
    return generator.generate(r.prompt, generate, {});
  };
  std::vector<ReplayResult> out;
  std::int64_t done = 0;
  for (const Recording& r : recordings) {
    ReplayResult result{.name = r.name, .tokens = std::ssize(r.reply) - 1};
    std::vector<double> plain, fast, ratio;
    for (int i = 0; i < options.repetitions; ++i) {
      plain.push_back(tokens_per_s(r, run(r, {.mode = SpeculationMode::kOff})));
      const Generation g = run(r, options.speculation);
      fast.push_back(tokens_per_s(r, g));
      ratio.push_back(fast.back() / plain.back());
      result.speculation.add(g.speculation);
      if (options.progress) {
        options.progress(r.name, ++done, std::ssize(recordings) * options.repetitions);
      }
    }
    result.plain_tokens_per_s = spread_of(plain);
    result.tokens_per_s = spread_of(fast);
    result.speed_up = spread_of(ratio);
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace pangu
