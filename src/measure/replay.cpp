// SPDX-License-Identifier: Apache-2.0
#include "measure/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "base/counter_rng.h"
#include "base/error.h"
#include "data/data_records.h"
#include "io/json.h"
#include "io/mapped_file.h"
#include "runtime/generate/generator.h"

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

/// Recordings of one name, and how long each way took for them in each repetition.
class Group {
 public:
  Group(std::string name, const Model& model, const Model* draft, Context& ctx,
        const ReplayOptions& options)
      : model_(model), draft_(draft), ctx_(ctx), options_(options), ways_(options.ways.size() + 1) {
    result.name = std::move(name);
    ways_[0].options.mode = SpeculationMode::kOff;
    for (std::size_t w = 0; w < options.ways.size(); ++w) ways_[w + 1].options = options.ways[w];
  }

  void add(const Recording& r) {
    recordings_.push_back(&r);
    positions_ = std::max(positions_, std::ssize(r.prompt) + std::ssize(r.reply) + 1);
    ++result.replies;
    result.tokens += std::ssize(r.reply) - 1;
  }

  /// `tick` is called after each reply.
  void repeat(const std::function<void()>& tick) {
    for (Way& way : ways_) {
      way.seconds = 0;
      way.generator.emplace(model_, ctx_, positions_, options_.kv, way.options, draft_);
    }
    for (const Recording* recording : recordings_) {
      // Each begins in turn, over all repetitions: none always comes first.
      for (std::size_t w = 0; w < ways_.size(); ++w) {
        run(ways_[(turn_ + w) % ways_.size()], *recording);
        tick();
      }
      ++turn_;
    }
    const auto tokens = static_cast<double>(result.tokens);
    for (Way& way : ways_) {
      way.generator.reset();
      way.rates.push_back(tokens / way.seconds);
      way.speed_ups.push_back(ways_[0].seconds / way.seconds);
    }
  }

  ReplayResult finish() {
    result.plain_tokens_per_s = spread_of(ways_[0].rates);
    for (auto way = ways_.begin() + 1; way != ways_.end(); ++way) {
      result.ways.push_back({.mode = way->options.mode,
                             .tokens_per_s = spread_of(way->rates),
                             .speed_up = spread_of(way->speed_ups),
                             .speculation = std::move(way->stats)});
    }
    return std::move(result);
  }

  ReplayResult result;

 private:
  struct Way {
    SpeculationOptions options;
    std::optional<Generator> generator;
    double seconds = 0;
    std::vector<double> rates, speed_ups;
    SpeculationStats stats;
  };

  void run(Way& way, const Recording& r) const {
    GenerateOptions generate{.max_tokens = std::ssize(r.reply), .ignore_eos = true};
    generate.replay = r.reply;
    generate.end_think_loops = false;  // the recording as it is
    generate.cancel = options_.cancel;
    const Generation g = way.generator->generate(r.prompt, generate, {});
    if (g.finish_reason == FinishReason::kCancelled) fail<Cancelled>("[replay] stopped");
    way.seconds += g.decode_s;
    way.stats.add(g.speculation);
  }

  const Model& model_;
  const Model* draft_;
  Context& ctx_;
  const ReplayOptions& options_;
  std::vector<const Recording*> recordings_;
  std::int64_t positions_ = 0;
  std::vector<Way> ways_;  ///< the first is plain decoding
  std::size_t turn_ = 0;   ///< recordings decoded so far
};

}  // namespace

Recording parse_recording(std::string_view text, std::int64_t line, const std::string& where,
                          std::int64_t vocabulary) {
  const Json json = parse_json(text, where);
  const JsonObject object(where, json);
  return {.name = object.get_string_or("name", fmt::format("line {}", line)),
          .prompt = read_ids(object, "prompt", 1, vocabulary),
          .reply = read_ids(object, "reply", 2, vocabulary)};
}

std::vector<Recording> read_recordings(const std::filesystem::path& path, std::int64_t vocabulary) {
  const MappedFile file(path);
  DataRecords lines(file, std::nullopt);
  std::vector<Recording> out;
  while (const auto line = lines.next()) {
    out.push_back(parse_recording(line->text, line->line, lines.where(*line), vocabulary));
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
    return static_cast<std::int64_t>(uniform(0, position++, RandomStream::kRecording) *
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
  std::vector<Group> groups;
  for (const Recording& r : recordings) {
    auto group = std::ranges::find(groups, r.name, [](const Group& g) { return g.result.name; });
    Group& own =
        group != groups.end() ? *group : groups.emplace_back(r.name, model, draft, ctx, options);
    own.add(r);
  }
  std::vector<ReplayResult> out;
  std::int64_t done = 0;
  const std::int64_t all =
      std::ssize(recordings) * (std::ssize(options.ways) + 1) * options.repetitions;
  for (Group& group : groups) {
    const auto tick = [&] {
      if (options.progress) options.progress(group.result.name, ++done, all);
    };
    for (int i = 0; i < options.repetitions; ++i) group.repeat(tick);
    out.push_back(group.finish());
  }
  return out;
}

}  // namespace pangu
