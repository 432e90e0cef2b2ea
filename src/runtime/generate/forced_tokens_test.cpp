// SPDX-License-Identifier: Apache-2.0
// Replies whose grammar forces tokens, with these drafted and without, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pangu/constraint.h"
#include "runtime/generate/batch_generator.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kForcedContext = 160;

/// Characters out of a set, so many of them.
struct Run {
  std::string set;
  int min, max;
};

/// Texts of runs that follow one another, read in all ways at once. Of tokens that spell the same,
/// as those for single bytes do, it takes the last.
class FormGrammar : public OutputGrammar, public std::enable_shared_from_this<FormGrammar> {
 public:
  FormGrammar(std::shared_ptr<const Tokenizer> tokenizer, std::vector<Run> runs)
      : tokenizer_(std::move(tokenizer)), runs_(std::move(runs)) {
    for (TokenId id = 0; id < tokenizer_->vocab_size(); ++id) {
      if (!tokenizer_->is_special(id)) tokens_[tokenizer_->bytes(id)] = id;
    }
    tokens_.erase("");
  }

  TokenId vocab_size() const override { return tokenizer_->vocab_size(); }
  std::unique_ptr<TokenConstraint> begin() const override {
    return std::make_unique<Constraint>(shared_from_this());
  }

 private:
  /// Runs that the text may be in, with how many characters of them; ascending.
  using Places = std::vector<std::pair<std::size_t, int>>;

  void add(Places& places, std::size_t run, int n) const {
    if (std::ranges::find(places, std::pair(run, n)) == places.end()) places.emplace_back(run, n);
    if (run < runs_.size() && n >= runs_[run].min) add(places, run + 1, 0);
  }
  Places step(const Places& from, std::string_view bytes) const {
    Places at = from;
    for (const char c : bytes) {
      Places next;
      for (const auto& [run, n] : at) {
        if (run < runs_.size() && n < runs_[run].max &&
            runs_[run].set.find(c) != std::string::npos) {
          add(next, run, n + 1);
        }
      }
      at = std::move(next);
    }
    return at;
  }

  class Constraint : public TokenConstraint {
   public:
    explicit Constraint(std::shared_ptr<const FormGrammar> form) : form_(std::move(form)) {
      form_->add(places_, 0, 0);
    }
    std::span<const std::uint64_t> allowed() override {
      words_.assign((static_cast<std::size_t>(form_->vocab_size()) + 63) / 64, 0);
      for (const auto& [bytes, id] : form_->tokens_) {
        if (form_->step(places_, bytes).empty()) continue;
        words_[static_cast<std::size_t>(id) / 64] |= std::uint64_t{1} << (id % 64);
      }
      return words_;
    }
    bool may_end() const override { return ends(places_); }
    bool push(TokenId id) override {
      Places next = behind(id);
      if (next.empty()) return false;
      places_ = std::move(next);
      return true;
    }
    std::unique_ptr<TokenConstraint> copy() const override {
      return std::make_unique<Constraint>(*this);
    }
    std::string forced_text(std::size_t most) override {
      std::string out;
      for (Places at = places_; out.size() < most && !ends(at);) {
        std::string next;
        for (int c = 0; c < 256; ++c) {
          const char byte = static_cast<char>(c);
          if (!form_->step(at, {&byte, 1}).empty()) next += byte;
        }
        if (next.size() != 1) break;
        at = form_->step(at, next);
        out += next;
      }
      return out;
    }

   private:
    bool ends(const Places& places) const {
      return std::ranges::find(places, std::pair(form_->runs_.size(), 0)) != places.end();
    }
    Places behind(TokenId id) const {
      const auto token = form_->tokens_.find(form_->tokenizer_->bytes(id));
      if (token == form_->tokens_.end() || token->second != id) return {};
      return form_->step(places_, token->first);
    }

    std::shared_ptr<const FormGrammar> form_;
    Places places_;
    std::vector<std::uint64_t> words_;
  };

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<Run> runs_;
  std::map<std::string, TokenId> tokens_;
};

/// Fields with names that are given, and values that are not, as a schema has them.
std::vector<Run> random_form(std::mt19937_64& rng) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz";
  std::vector<Run> form;
  const auto say = [&](std::string_view text) {
    for (const char c : text) form.push_back({std::string(1, c), 1, 1});
  };
  say("{");
  for (int field = 0, fields = 1 + static_cast<int>(rng() % 4); field < fields; ++field) {
    if (field > 0) say(",");
    if (rng() % 2 == 0) form.push_back({" ", 0, 1});
    std::string name;
    for (std::size_t n = 2 + rng() % 8; n > 0; --n) name += letters[rng() % letters.size()];
    say(rng() % 3 == 0 ? "once upon" : name);
    say(":");
    form.push_back({" ", 0, 1});
    form.push_back(
        {rng() % 2 == 0 ? letters + " " : "0123456789", 1, 1 + static_cast<int>(rng() % 8)});
  }
  say("}");
  return form;
}

class ForcedTokens : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = load_model(test::shared_dir() / "models" / "stories260K", {}, ctx_);
    std::mt19937_64 rng(test::seed());
    for (std::size_t i = 0; i < (test::takes_fewer() ? 3u : 7u); ++i) {
      GenerateOptions o{.max_tokens = 90, .top_logprobs = 1};
      if (i % 2 == 1) o.sampling = {.temperature = 1.2f, .top_p = 0.95f, .seed = rng()};
      if (i % 3 == 2) o.sampling.repetition_penalty = 1.2f;
      if (i % 4 == 3) o.max_tokens = 1 + static_cast<int64_t>(rng() % 20);
      if (i % 5 == 4) o.stop = {"n:"};
      if (i % 7 == 6) o.ignore_eos = true;
      o.grammar = std::make_shared<FormGrammar>(model_.tokenizer, random_form(rng));
      options_.push_back(o);
    }
  }

  struct Outcome {
    std::vector<test::ReplyRecord> records;
    std::vector<SpeculationStats> each;
    SpeculationStats stats;  ///< of all
    BatchStats batch;
  };
  Outcome write(const BatchGeneratorOptions& options) {
    Outcome out{.records = std::vector<test::ReplyRecord>(options_.size()),
                .each = std::vector<SpeculationStats>(options_.size()),
                .stats = {},
                .batch = {}};
    BatchGenerator generator(model_, ctx_, options);
    const auto prompt = model_.tokenizer->encode("Once upon a time");
    for (std::size_t i = 0; i < options_.size(); ++i) {
      generator.submit(prompt, options_[i], out.records[i].on_token());
    }
    for (bool more = true; more;) {
      more = generator.step();
      for (auto& [number, g] : generator.take_finished()) {
        out.records[static_cast<std::size_t>(number)].finish(g);
        out.each[static_cast<std::size_t>(number)] = g.speculation;
        out.stats.add(g.speculation);
      }
    }
    out.batch = generator.stats();
    return out;
  }
  /// With no room for drafts beside the last token.
  Outcome write_plainly() {
    Outcome out = write({.max_replies = 1, .context = kForcedContext, .pass_tokens = 1});
    EXPECT_EQ(out.batch.drafted_tokens, 0);
    EXPECT_EQ(out.stats.passes, 0);
    return out;
  }

  Context ctx_{ContextOptions{.threads = 2}};
  Model model_;
  std::vector<GenerateOptions> options_;
};

TEST_F(ForcedTokens, RepliesAreTheSameWithTheseDraftedAndTakeFewerPasses) {
  const Outcome want = write_plainly();
  for (const SpeculationMode mode : {SpeculationMode::kOff, SpeculationMode::kLookup,
                                     SpeculationMode::kSelf, SpeculationMode::kAuto}) {
    for (const int64_t replies : {1, 5}) {
      SCOPED_TRACE(std::string(name(mode)) + " " + std::to_string(replies));
      const Outcome got = write({.max_replies = replies,
                                 .context = kForcedContext,
                                 .cache_positions = 2 * kForcedContext,  // some are evicted
                                 .speculation = {.mode = mode}});
      EXPECT_EQ(got.records, want.records);
      EXPECT_GT(got.stats.forced, 0);
      EXPECT_EQ(got.batch.drafted_tokens, got.stats.drafted);
      EXPECT_EQ(got.batch.accepted_tokens, got.stats.accepted);
      if (mode != SpeculationMode::kOff) continue;
      for (std::size_t i = 0; i < options_.size(); ++i) {
        // No guesses, and none in vain but where a stop string comes within them.
        if (options_[i].stop.empty()) {
          EXPECT_EQ(got.each[i].drafted, got.each[i].forced);
        }
        EXPECT_EQ(got.each[i].tokens, got.each[i].passes + got.each[i].forced);
      }
      EXPECT_EQ(got.batch.reply_tokens, want.batch.reply_tokens);
    }
  }
}

TEST_F(ForcedTokens, TextThatMustComeIsGuessedWhoeverDrafts) {
  const Outcome forced = write({.max_replies = 1, .context = kForcedContext});
  const Outcome guessed = write({.max_replies = 1,
                                 .context = kForcedContext,
                                 .speculation = {.mode = SpeculationMode::kLookup, .tokens = 16}});
  EXPECT_LT(guessed.stats.passes, forced.stats.passes);
  EXPECT_GT(guessed.stats.accepted, guessed.stats.forced);
}

}  // namespace
}  // namespace pangu
